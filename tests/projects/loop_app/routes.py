"""Every function of this project is reached by a request."""

from flask import Flask, jsonify, request

from . import frames, fronts, growth, joins, membership, repeats

app = Flask(__name__)


@app.post("/membership")
def membership_page():
    data = request.json
    found = [
        membership.shared(data["items"], data["others"]),
        membership.without_repeats(data["items"]),
        membership.annotated(data["items"], data["others"]),
        membership.in_order(data["items"], data["others"]),
        membership.repeated_items(data["items"]),
        membership.taken_out(data["items"], data["others"]),
        membership.by_a_helper(data["items"], data["others"]),
        membership.by_two_helpers(data["items"], data["others"]),
        membership.by_a_method(data["items"], data["others"]),
        membership.values_of_a_dict(data["items"], data["others"]),
        membership.made_in_each_round(data["items"], data["others"]),
        membership.in_a_set(data["items"], data["others"]),
        membership.turned_into_a_set(data["items"], data["others"]),
        membership.in_a_dict(data["items"], data["others"]),
        membership.without_repeats_by_a_set(data["items"]),
        membership.without_repeats_by_a_dict(data["items"]),
        membership.among_constants(data["items"]),
        membership.among_a_few(data["items"], data["others"]),
        membership.of_each_item(data["items"]),
        membership.once(data["items"], data["others"]),
        membership.counted(data["items"]),
        membership.positions(data["items"], data["others"]),
        membership.per_group(data["items"]),
    ]
    return jsonify(found)


@app.post("/joins")
def joins_page():
    data = request.json
    found = [
        joins.nested(data["items"], data["others"]),
        joins.by_next(data["items"], data["others"]),
        joins.by_comprehension(data["items"], data["others"]),
        joins.of_dicts(data["items"], data["records"]),
        joins.by_a_finder(data["items"], data["others"]),
        joins.by_an_index(data["items"], data["others"]),
        joins.by_groups(data["items"], data["others"]),
        joins.of_its_own(data["items"]),
        joins.against_constants(data["items"]),
        joins.chosen(data["items"], data["others"]),
        joins.looked_up_once(data["items"], data["others"]),
    ]
    return jsonify(found)


@app.post("/growth")
def growth_page():
    data = request.json
    found = [
        growth.list_plus(data["items"]),
        growth.list_spread(data["items"]),
        growth.tuple_plus(data["items"]),
        growth.dict_spread(data["items"]),
        growth.dict_or(data["items"]),
        growth.bytes_plus(data["items"]),
        growth.text_of_an_object(data["items"]),
        growth.sum_of_lists(data["lists"]),
        growth.reduced(data["lists"]),
        growth.appended(data["items"]),
        growth.list_in_place(data["items"]),
        growth.dict_in_place(data["items"]),
        growth.anew_each_round(data["items"]),
        growth.text_of_each_item(data["items"]),
        growth.of_constants(data["items"]),
        growth.sum_of_numbers(data["items"]),
        growth.chained(data["lists"]),
        growth.bytes_in_place(data["items"]),
    ]
    return jsonify(found)


@app.post("/repeats")
def repeats_page():
    data = request.json
    found = [
        repeats.parsed_in_a_loop(data["items"], data["text"]),
        repeats.configured_in_a_loop(data["items"]),
        repeats.template_in_a_loop(data["items"]),
        repeats.sorted_in_a_loop(data["items"], data["others"]),
        repeats.sorted_by_a_key(data["items"], data["others"]),
        repeats.sorted_after_each(data["items"]),
        repeats.copied_in_a_loop(data["items"]),
        repeats.patterns_in_loops(data["few"], data["others"]),
        repeats.parsed_by_a_helper(data["items"], data["text"]),
        repeats.each_its_own_by_a_helper(data["items"]),
        repeats.copied_by_a_helper(data["items"]),
        repeats.snapshots(data["items"]),
        repeats.fed(data["items"]),
        repeats.fed_in_a_loop(data["items"]),
        repeats.each_its_own(data["items"]),
        repeats.parsed_before(data["items"], data["text"]),
        repeats.sorted_before(data["items"], data["others"]),
        repeats.each_sorted(data["items"]),
        repeats.sorted_after_all(data["items"]),
        repeats.copied_flat(data["items"]),
        repeats.each_copied(data["items"]),
        repeats.one_pattern(data["items"]),
        repeats.patterns_before(data["items"], data["others"]),
    ]
    return jsonify(found)


@app.post("/fronts")
def fronts_page():
    data = request.json
    found = [
        fronts.taken_from_the_front(data["queue"]),
        fronts.added_to_the_front(data["items"], data["queue"]),
        fronts.taken_from_the_end(data["queue"]),
        fronts.taken_from_a_deque(data["queue"]),
        fronts.first_only(data["queue"]),
        fronts.of_each_item_alone(data["items"]),
    ]
    return jsonify(found)


@app.post("/frames")
def frames_page():
    data = request.json
    found = [
        frames.row_by_row(data["records"]),
        frames.applied_to_rows(data["records"]),
        frames.grown(data["records"]),
        frames.by_columns(data["records"]),
        frames.by_tuples(data["records"]),
        frames.applied_to_columns(data["records"]),
        frames.concatenated_once(data["records"]),
    ]
    return jsonify(found)
