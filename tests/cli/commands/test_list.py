import json

from pellucid.core.registry import FORMATS


def test_all_groups_are_listed_with_their_names(run):
    outcome = run("list")
    lines = outcome.out.splitlines()
    groups = ["formats", "degradations", "restorers", "metrics", "judges", "suites"]
    begin = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert begin == groups  # long lists go on in lines that begin with spaces
    assert "jpeg" in lines[0]


def test_names_are_listed_without_importing_a_plug_in(start):
    code = (
        "import sys; from pellucid.cli.main import main; main(['list']);"
        "sys.exit(any(m.startswith('pellucid.core.formats.') for m in sys.modules))"
    )
    assert start(program=("-c", code)).returncode == 0


def test_a_group_is_listed_with_what_each_is_and_where_it_is_from(run):
    outcome = run("list", "formats")
    assert outcome.code == 0
    assert "png   built in  The lossless format of the web" in outcome.out


def test_the_same_comes_as_json(run):
    assert json.loads(run("list", "--json").out)["formats"] == FORMATS.names()
    found = json.loads(run("list", "formats", "--json").out)
    assert [each["name"] for each in found] == FORMATS.names()
    assert all(
        set(each) == {"name", "title", "description", "origin"} for each in found
    )


def test_a_mistyped_group_is_recognised(run):
    outcome = run("list", "format")
    assert outcome.code == 2
    assert "Did you mean `formats`?" in outcome.err
