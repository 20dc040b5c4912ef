"""The assertions of the test suite for WMS 1.3.0 of the OGC, by name, and why some of them say nothing about Halocline.

Source: `ets-wms13` of the OGC's compliance programme (github.com/opengeospatial/ets-wms13), its scripts in CTL.
"""

from typing import Final

OWN_DATA: Final = "looks at the suite's own vector data set (lakes, roads, polygons), which is no gridded field"
ONE_VALUE: Final = "wants the cells of several levels in one picture; `multipleValues` is 0: a picture shows one"
NO_SCALES: Final = "no layer states a scale denominator"

_BY_SCRIPT: Final = {
    "main": "data-preconditions",
    "interactive": (
        "basic-polygons-sanity-check blue-lake-sanity-check layer-order aspect-ratio exceptions-inimage "
        "fees-and-access-constraints"
    ),
    "basic": (
        "gif-or-png bbox-exponential bbox-pixel-interpretation no-bgcolor blue-bgcolor transparent-true "
        "basic-polygons-sanity-check blue-lake-sanity-check layer-order aspect-ratio"
    ),
    "basic_elements": (
        "negotiate-no-version negotiate-basic_elements-version negotiate-higher-version negotiate-lower-version "
        "escaped-chars escaped-space extra-GetCapabilities-param extra-GetMap-param extra-GetFeatureInfo-param"
    ),
    "getcapabilities": (
        "each-format no-format invalid-format updatesequence-ignored updatesequence-current updatesequence-lower "
        "updatesequence-higher normative-schema validate-using-schemaLocation capability-onlineresource "
        "capability-xml-getcapabilities-format capability-xml-exception-format resource-format resource-size logourls "
        "bbox-crs-advertised bbox-present bbox-distinct-crs crs-auto2-declarations crs-present crs-for-all-layers "
        "dataurls ex_geobbox-present ex_geobbox-coordinates featurelisturls authorityurl-unique "
        "identifier-matches-authorityurl metadataurls style-unique style-legendurls style-stylesheeturls "
        "style-styleurls dims-time dims-elevation-crs88 dims-no-redeclarations layer-extents"
    ),
    "getmap": (
        "bbox-direct bbox-inherited bbox-below-scale bbox-above-scale bbox-exponential bbox-pixel-interpretation "
        "bbox-minx-gt-maxx bbox-minx-eq-maxx bbox-miny-gt-maxy bbox-miny-eq-maxy bbox-no-overlap bbox-outside-crs "
        "no-bgcolor blue-bgcolor crs-direct crs-inherited invalid-crs each-crs each-layer-crs-combination "
        "exceptions-default exceptions-xml exceptions-inimage-mime exceptions-blank-red exceptions-blank-transparent "
        "exceptions-blank-mime invalid-format each-format two-layers three-layers invalid-layer first-layer-invalid "
        "second-layer-invalid layerlimit each-layer styles-direct styles-inherited two-styles three-styles "
        "invalid-style styles-default-single-layer styles-default-multiple-layers styles-default-commas "
        "styles-some-default first-style-invalid second-style-invalid each-style transparent-default "
        "transparent-false transparent-true transparent-opaque-layer large-size small-size"
    ),
    "getfeatureinfo": (
        "exceptions-default exceptions-xml feature_count-default feature_count-1 invalid-info_format each-info_format "
        "invalid-i invalid-j two-query_layers three-query_layers less-query_layers invalid-query_layers "
        "query_layers-not-queryable each-queryable-layer"
    ),
    "queryable": "feature_count-default feature_count-1 getfeatureinfo-supported std-data-queryable",
    "dims": "missing-no-default",
    "time": (
        "time-options-requirements time-each-instant time-interval time-interval-and-instant time-interval-list "
        "time-instant-list time-current-instant time-current-interval time-default time-missing-dim "
        "time-and-other-layer"
    ),
    "raster_elevation": (
        "raster_elevation terrain-low-range terrain-mid-range terrain-high-range terrain-low-and-high-ranges "
        "terrain-range-and-value terrain-value terrain-invalid terrain-default terrain-and-other-layer"
    ),
    "vector_elevation": (
        "vector_elevation geometry-low geometry-med geometry-high geometry-multiple-values geometry-nearest-value "
        "geometry-default-value geometry-and-other-layer"
    ),
    "recommendations": (
        "service-keywords service-contact-info png-getmap-format layer-abstracts layer-keywordlists layer-crs "
        "metadataurls dims-no-whitespace dims-defaults"
    ),
}

ASSERTIONS: Final = tuple(f"{script}:{name}" for script, names in _BY_SCRIPT.items() for name in names.split())
"""Those that look at something themselves; the suite has further tests that only call these in groups."""

NOT_APPLICABLE: Final = {
    "main:data-preconditions": OWN_DATA,
    "interactive:basic-polygons-sanity-check": OWN_DATA,
    "interactive:blue-lake-sanity-check": OWN_DATA,
    "basic:basic-polygons-sanity-check": OWN_DATA,
    "basic:blue-lake-sanity-check": OWN_DATA,
    "getcapabilities:updatesequence-ignored": "an update sequence is always stated",
    "getmap:bbox-inherited": "each layer states boxes of its own",
    "getmap:bbox-below-scale": NO_SCALES,
    "getmap:bbox-above-scale": NO_SCALES,
    "getmap:styles-inherited": "each layer states styles of its own, with legends in its own units",
    "getmap:transparent-opaque-layer": "no layer is stated to be opaque",
    "getfeatureinfo:query_layers-not-queryable": "each layer can be queried",
    "queryable:std-data-queryable": OWN_DATA,
    "time:time-options-requirements": OWN_DATA,
    "time:time-missing-dim": "is switched off in the suite",
    "raster_elevation:raster_elevation": OWN_DATA,
    "raster_elevation:terrain-low-range": ONE_VALUE,
    "raster_elevation:terrain-mid-range": ONE_VALUE,
    "raster_elevation:terrain-high-range": ONE_VALUE,
    "raster_elevation:terrain-low-and-high-ranges": ONE_VALUE,
    "raster_elevation:terrain-range-and-value": ONE_VALUE,
    "vector_elevation:vector_elevation": OWN_DATA,
}
"""Assertion, and why it does not apply."""

NOT_MET: Final = {
    "recommendations:metadataurls": "no metadata record of a layer is published yet",
}
"""Assertion, and why Halocline does not do what it asks for."""
