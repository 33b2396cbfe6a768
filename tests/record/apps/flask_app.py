import shop_db
from flask import Flask, jsonify, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

shop_db.seed()
app = Flask(__name__)


@app.get("/totals")
def totals():
    with Session(shop_db.engine) as session:
        return jsonify([shop_db.total_of(customer) for customer in session.scalars(select(shop_db.Customer))])


@app.get("/page")
def page():
    with Session(shop_db.engine) as session:
        return render_template("customers.html", customers=session.scalars(select(shop_db.Customer)).all())  # render
