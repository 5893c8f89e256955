from metrics.sources.parsing import parse_sources
from metrics.sources.routing import NO_SOURCES, CompiledSources, headers_of, is_pattern
from tests.metrics.sources.given import BASE

NATIVE = "cx.touchpoints"


def compiled(*texts: str) -> CompiledSources:
    return CompiledSources(parse_sources("".join(texts)))


def test_where_no_source_is_only_our_topic_is_looked_at() -> None:
    assert NO_SOURCES.routes("shop.web", NATIVE) is None
    for sources in (NO_SOURCES, compiled(BASE)):
        routes = sources.routes(NATIVE, NATIVE)
        assert routes is not None
        assert (routes.candidates, routes.by_headers, routes.is_native) == ([], True, True)


def test_a_topic_is_taken_by_the_sources_whose_pattern_it_fits() -> None:
    sources = compiled(BASE, BASE.replace('name = "shop"', 'name = "two"').replace('"shop.*"', '["a", "b.*.c"]'))
    assert [len(routes.candidates) if (routes := sources.routes(topic, NATIVE)) else None for topic in (
        "shop.web", "shop", "a", "b.x.c", "b.x.d",
    )] == [1, 0, 1, 1, 0]  # fmt: skip
    assert sources.topics() == ["shop.*", "a", "b.*.c"]


def test_a_source_without_a_topic_takes_records_of_ours_that_name_it_in_a_header() -> None:
    sources = compiled(BASE.replace('topic = "shop.*"\n', ""))
    routes = sources.routes(NATIVE, NATIVE)
    assert routes is not None
    assert routes.is_native
    assert routes.by_headers
    assert routes.sole is None
    assert routes.candidates[0].takes_headers({"cx-source": "shop"})
    assert not routes.candidates[0].takes_headers({"cx-source": "shop2"})


def test_records_without_any_header_are_ours_unless_a_source_takes_all_of_the_topic() -> None:
    for sources in (NO_SOURCES, compiled(BASE.replace('topic = "shop.*"\n', ""))):
        routes = sources.routes(NATIVE, NATIVE)
        assert routes is not None
        assert routes.are_native(())
        assert not routes.are_native({"traceparent", "cx-source"})
    taken, foreign = (
        compiled(BASE.replace("shop.*", NATIVE)).routes(NATIVE, NATIVE),
        compiled(BASE).routes("shop.a", NATIVE),
    )
    assert taken is not None
    assert foreign is not None
    assert not taken.are_native(())
    assert not foreign.are_native(())


def test_headers_that_nothing_asks_for_leave_a_record_ours() -> None:
    asking = compiled(BASE.replace('topic = "shop.*"', 'header = { CE_Type = "com.shop.*" }'))
    for sources, deciding in ((NO_SOURCES, ()), (asking, ("ce_type", "CE_TYPE"))):
        routes = sources.routes(NATIVE, NATIVE)
        assert routes is not None
        assert routes.are_native({"traceparent", "tracestate", "cx-scope"})
        for name in ("cx-source", "CX-Source", "cx-redriven", *deciding):
            assert not routes.are_native(["traceparent", name])


def test_a_header_pattern_has_to_fit_the_whole_value() -> None:
    header = 'topic = "shop.*"\nheader = { CE_Type = "com.shop.*", "content-type" = "application/json*" }'
    routes = compiled(BASE.replace('topic = "shop.*"', header)).routes("shop.x", NATIVE)
    assert routes is not None
    takes = routes.candidates[0].takes_headers
    assert takes({"ce_type": "com.shop.nps", "content-type": "application/json; charset=utf-8"})
    assert not takes({"ce_type": "x.com.shop.nps", "content-type": "application/json"})
    assert not takes({"ce_type": "com.shop.nps"})


def test_a_file_is_taken_by_its_name() -> None:
    sources = compiled(BASE, BASE.replace('name = "shop"', 'name = "csv"\nfile = "survey-*.csv"'))
    mapping = sources.of_file("survey-2026.csv")
    assert mapping is not None
    assert mapping.source.name == "csv"
    assert sources.of_file("other.csv") is None


def test_a_topic_with_a_star_stands_for_several() -> None:
    assert (is_pattern("cdp.*"), is_pattern("cdp")) == (True, False)


def test_headers_are_text_by_lower_case_name() -> None:
    assert headers_of([("A", b"1"), ("a", b"2"), ("b", None)]) == {"a": "2", "b": ""}
    assert headers_of(None) == {}
