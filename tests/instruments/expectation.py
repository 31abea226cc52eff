"""The comparison of a reading with what a person read in the raw file."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "instrument-files"
OWN = ROOT / "tests" / "instruments"
_MODES = {"alphalisa": "alpha", "optical imaging": "count"}
_WELL = re.compile(r"([A-Z]{1,2})0*(\d+)")


def files():
    """Every instrument file for the tests, with no regard to whether an expectation exists."""
    found = [*SHARED.glob("**/*"), *OWN.glob("**/data/*")]
    ignored = {".json", ".md"}
    return sorted(path for path in found if path.is_file() and path.suffix not in ignored)


def expectation_of(path):
    """The `.expected.json` beside a file, or None."""
    for name in (f"{path.name}.expected.json", f"{path.stem}.expected.json"):
        if (path.parent / name).exists():
            return json.loads((path.parent / name).read_text("utf-8"))
    return None


def well(name):
    match = _WELL.fullmatch(name)
    return f"{match[1]}{match[2]}" if match else name


def compare(document, expected):
    """Assert that a document says what the expectation says."""
    measured = [
        (plate, read)
        for plate in document["plates"]
        for read in plate["reads"]
        if not read["calculated"]
    ]
    _compare_run(document, expected)
    if expected.get("reads") and expected.get("plates") != 0:
        _compare_plates(document, measured, expected)
        _compare_reads(measured, expected)
        _compare_flags(measured, expected)
    for check in expected["checks"]:
        if expected.get("plates") == 0 and "read" in check:
            wanted = {"well": check["well"], "value": check["value"]}
            assert _record_for(document, wanted), f"no record holds {wanted}"
        elif "read" in check and "at" in check:
            _compare_value(document, check)
        else:
            assert _record_for(document, check), f"no record holds {check}"


def _compare_run(document, expected):
    if expected.get("serial"):
        serial = document["instrument"]["serial"]
        assert serial == expected["serial"] or (serial is None and expected["serial"] == "Unknown")
    if expected.get("read_at"):
        assert document["started_at"] is not None
        moment = document["started_at"]["value"]
        assert moment.startswith(expected["read_at"][:19])
    unproved = expected.get("read_at", "") is None and expected.get("read_at_text")
    if unproved and document["started_at"] is not None:
        assert document["started_at"]["day_month_order"] == "assumed"


def _compare_plates(document, measured, expected):
    plates = document["plates"]
    assert len(plates) == expected.get("plates", len(plates))
    names = expected.get("plate_names")
    if names:
        assert [plate["name"] for plate in plates] == names
    if expected.get("barcodes"):
        assert [plate["barcode"] for plate in plates] == expected["barcodes"]
    if expected.get("plate_size"):
        assert {plate["size"] for plate in plates} == {expected["plate_size"]}
    wells = {
        (plate["index"], name)
        for plate, read in measured
        for name, values in read["wells"].items()
        if any(value is not None for value in values)
    }
    flagged = {(plate["index"], flag["well"]) for plate, read in measured for flag in read["flags"]}
    assert expected.get("wells") in (None, len(wells), len(wells | flagged))
    if expected.get("well_names"):
        assert {name for _, name in wells} == {well(name) for name in expected["well_names"]}
    for name, count in (expected.get("wells_by_plate") or {}).items():
        index = next(plate["index"] for plate in plates if plate["name"] == name)
        assert sum(1 for plate, _ in wells if plate == index) == count
    numbers = sum(
        value is not None
        for _, read in measured
        for values in read["wells"].values()
        for value in values
    )
    if "numeric_values" in expected and not any(r.get("derived") for r in expected["reads"]):
        # A cell such as 0,02 in a file of decimal points is a number or a flag, as the reader likes.
        open_cells = len(expected.get("ambiguous_cells", ()))
        assert numbers in (expected["numeric_values"], expected["numeric_values"] - open_cells)


def _compare_reads(measured, expected):
    for wanted in expected["reads"]:
        if wanted.get("derived") or "text" in str(wanted.get("values", "")):
            continue
        found = [read for _, read in measured if _is_read(read, wanted)]
        assert found, f"no read {wanted}; there are {[_short(read) for _, read in measured]}"
    plates = {plate["index"] for plate, _ in measured}
    if all(wanted.get("per_plate") for wanted in expected["reads"]):
        assert len(measured) == len(expected["reads"]) * len(plates)
    elif not any("derived" in wanted or "plate" in wanted for wanted in expected["reads"]):
        assert len(measured) == len(expected["reads"])


def _is_read(read, wanted):
    if read["label"].strip() != wanted["label"].strip():
        return False
    mode = wanted.get("mode")
    if mode and read["mode"] != _MODES.get(mode, mode):
        return False
    facts = (
        ("wavelength_nm", wanted.get("wavelength_nm")),
        ("excitation_nm", wanted.get("ex_nm", wanted.get("excitation_nm"))),
        ("emission_nm", wanted.get("em_nm", wanted.get("emission_nm"))),
    )
    if any(value is not None and read[key] != value for key, value in facts):
        return False
    if wanted.get("unit") and read["unit"] != wanted["unit"]:
        return False
    return _has_points(read, wanted)


def _has_points(read, wanted):
    points = {
        sum(value is not None for value in values) or None for values in read["wells"].values()
    } - {None}
    longest = max((len(values) for values in read["wells"].values()), default=0)
    if wanted.get("wavelength_first_nm"):
        spectrum = read["spectrum_nm"]
        ends = [wanted["wavelength_first_nm"], wanted["wavelength_last_nm"]]
        return [spectrum[0], spectrum[-1]] == ends and len(spectrum) == wanted["points"]
    if wanted.get("points"):
        return read["kind"] == "area_scan" and points == {wanted["points"]}
    count = wanted.get("timepoints", 1)
    if longest != count:
        return False
    if "first_s" in wanted:
        times = read["time_s"]
        return times[0] == pytest.approx(wanted["first_s"]) and times[-1] == pytest.approx(
            wanted["last_s"]
        )
    return True


def _short(read):
    longest = max((len(values) for values in read["wells"].values()), default=0)
    facts = ("label", "mode", "kind", "wavelength_nm", "excitation_nm", "emission_nm", "unit")
    ends = [read["time_s"][0], read["time_s"][-1]] if read["time_s"] else None
    return {key: read[key] for key in facts} | {"points": longest, "times": ends}


def _compare_flags(measured, expected):
    found = {}
    for _, read in measured:
        for flag in read["flags"]:
            found.setdefault(flag["text"], set()).add(flag["well"])
    for text, wells in (expected.get("flags") or {}).items():
        if not expected.get("reads"):
            continue  # files without plates carry their flags in the records
        assert found.get(text) == {well(name.split(" ")[0]) for name in wells}
    if expected.get("flags") == {} and not any(r.get("derived") for r in expected["reads"]):
        # A cell of a decimal comma in a file of points is a question that the reader may flag.
        assert not {text for text in found if not re.fullmatch(r"\d+,\d+", text)}
    for name, count in (expected.get("flags_count") or {}).items():
        flags = [flag for _, read in measured for flag in read["flags"]]
        assert sum(flag["well"] == well(name) for flag in flags) == count


def _compare_value(document, check):
    candidates = [
        read
        for plate in document["plates"]
        if check.get("plate") is None or plate["name"] == check["plate"]
        for read in plate["reads"]
        if read["label"].strip() == (check["read"] or "").strip()
        and check.get("wavelength_nm") in (None, read["wavelength_nm"])
        and (_holds(read, check["at"]))
    ]
    group = check.get("column_group")
    if group is not None:
        candidates = [r for r in candidates if not r["calculated"]][group - 1 : group]
    assert candidates, f"no read for {check}"
    assert any(_value_fits(read, check) for read in candidates), check


def _holds(read, at):
    return at in ("endpoint", "first", "last") or _index(read, at) is not None


def _index(read, at):
    if at in ("endpoint", "first"):
        return 0
    if at == "last":
        return -1
    if at.startswith("point "):
        x, y = map(int, at.removeprefix("point ").split(","))
        return read["points"].index([x, y]) if "points" in read else None
    number = float(at.removeprefix("em ").removesuffix(" s").removesuffix(" nm"))
    axis = read["time_s"] if at.endswith(" s") else read["spectrum_nm"]
    near = [i for i, value in enumerate(axis or ()) if value == pytest.approx(number, abs=0.05)]
    return near[0] if near else None


def _value_fits(read, check):
    index = _index(read, check["at"])
    values = read["wells"].get(well(check["well"]))
    value = None if values is None else values[index]
    text = check.get("flag") or check.get("text")
    if text is not None:
        index = index % len(values) if values else index
        wanted = (well(check["well"]), text)
        flags = {(f["well"], f["text"]) for f in read["flags"] if f["index"] == index}
        return value is None and wanted in flags
    if check["value"] is None:
        return value is None
    return value is not None and value == pytest.approx(check["value"], rel=1e-12, abs=0)


def _record_for(document, check):
    return any(_record_fits(record, check) for record in document["records"])


def _record_fits(record, check):
    values = list(record.values())
    if "series" in check:
        series = [value for value in values if isinstance(value, list)]
        wanted = (check["length"], check["first"], check["last"])
        return any(len(s) == wanted[0] and (s[0], s[-1]) == wanted[1:] for s in series if s)
    return all(
        value is None or key in ("where", "section") or _among(values, value)
        for key, value in check.items()
    )


def _among(values, wanted):
    if isinstance(wanted, str):
        texts = [value for value in values if isinstance(value, str)]
        return any(wanted == text or well(text) == well(wanted) or wanted in text for text in texts)
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    return any(number == pytest.approx(wanted, rel=1e-12, abs=0) for number in numbers)
