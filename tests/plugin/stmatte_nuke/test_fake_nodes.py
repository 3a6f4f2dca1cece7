# SPDX-License-Identifier: Apache-2.0
"""The fake Nuke is as unforgiving as the real one: nodes, knobs, inputs, undo."""

from __future__ import annotations

import threading

import nuke
import paths  # noqa: F401 (it puts the fake on the path)
import seat
from checks import refused


def test_an_unknown_knob_is_a_name_error_and_its_lookup_is_none(script: seat.Seat) -> None:
    node = nuke.nodes.Dot()

    with refused("knob nope does not exist", NameError):
        node["nope"]
    assert node.knob("nope") is None


def test_a_node_that_is_gone_answers_nothing(script: seat.Seat) -> None:
    node = nuke.nodes.Dot()
    label = node["label"]
    nuke.delete(node)

    for use in (node.name, lambda: nuke.delete(node), label.value):
        with refused("not attached to a node", ValueError):
            use()


def test_a_value_of_the_wrong_type_is_refused(script: seat.Seat) -> None:
    read = nuke.nodes.Read()

    for knob, wrong in (("first", "1"), ("first", 1.5), ("file", 7), ("raw", "true")):
        with refused("takes", TypeError):
            read[knob].setValue(wrong)
    with refused("is none of", TypeError):
        read["on_error"].setValue("green")


def test_a_node_of_another_group_is_no_input(script: seat.Seat) -> None:
    outside = nuke.nodes.Dot()
    group = nuke.nodes.Group()
    with group:
        inside = nuke.nodes.Dot()

    with refused("cannot take", ValueError):
        inside.setInput(0, outside)


def test_creating_links_to_the_selection_and_nodes_does_not(script: seat.Seat) -> None:
    first = nuke.createNode("Dot", inpanel=False)
    second = nuke.createNode("Dot", inpanel=False)
    third = nuke.nodes.Dot()

    assert second.input(0) is first
    assert third.input(0) is None
    assert nuke.selectedNodes() == [second]


def test_selecting_is_no_change_of_the_script(script: seat.Seat) -> None:
    node = nuke.nodes.Dot()
    nuke.modified(False)
    steps = nuke.Undo.undoSize()

    node.setSelected(True)
    node["selected"].setValue(False)

    assert not nuke.modified()
    assert nuke.Undo.undoSize() == steps


def test_a_press_is_one_step_of_undo(script: seat.Seat) -> None:
    group = nuke.nodes.Group()
    group.addKnob(nuke.String_Knob("marks"))
    program = "n = nuke.thisNode()\nn['marks'].setValue('a')\nn['label'].setValue('b')"
    group.addKnob(nuke.PyScript_Knob("go", "Go", "import nuke\n" + program))
    steps = nuke.Undo.undoSize()

    seat.press(group, "go")

    assert nuke.Undo.undoSize() == steps + 1
    nuke.undo()
    assert (group["marks"].value(), group["label"].value()) == ("", "")


def test_undo_brings_a_deleted_node_and_its_links_back(script: seat.Seat) -> None:
    above = nuke.nodes.Dot()
    below = nuke.nodes.Dot(inputs=[above])
    nuke.delete(above)
    assert below.input(0) is None

    nuke.undo()

    assert below.input(0) is above
    assert above.name() == "Dot1"


def test_knob_changed_runs_with_the_panel_open_only(script: seat.Seat) -> None:
    node = nuke.nodes.NoOp()
    node["knobChanged"].setValue("import seat; seat.now().messages.append('called')")
    node["label"].setValue("a")
    assert script.messages == []

    node.showControlPanel()
    node["label"].setValue("b")

    assert script.messages == ["called"]


def test_another_thread_may_not_touch_a_node() -> None:
    script = seat.new_script("/shots/a.nk")
    node = nuke.nodes.Dot()
    caught: list[BaseException] = []

    def touch() -> None:
        try:
            node.name()
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=touch)
    thread.start()
    thread.join()

    assert [type(error) for error in caught] == [seat.Crash]
    assert len(script.accidents) == 1


def test_both_ways_to_the_main_thread_hang_on_the_main_thread() -> None:
    script = seat.new_script("/shots/a.nk")
    for call in (nuke.executeInMainThread, nuke.executeInMainThreadWithResult):
        with refused("stands still", seat.Hang):
            call(print)
    assert len(script.accidents) == 2


def test_an_exception_on_the_main_thread_is_printed_and_its_result_is_none(
    script: seat.Seat,
) -> None:
    results: list[object] = []

    def work() -> None:
        results.append(nuke.executeInMainThreadWithResult(lambda: 1 / 0))
        results.append(nuke.executeInMainThreadWithResult(nuke.frame))

    thread = threading.Thread(target=work)
    thread.start()
    seat.run_main_loop(lambda: not thread.is_alive())

    assert results == [None, 1001]
    assert "ZeroDivisionError" in script.script_editor[0]


def test_a_file_is_evaluated_where_it_is_asked_for(script: seat.Seat) -> None:
    read = nuke.nodes.Read(file="[file dirname [value root.name]]/m/a.####.exr")
    folder = nuke.scriptName().rpartition("/")[0]

    assert read["file"].value() == "[file dirname [value root.name]]/m/a.####.exr"
    assert read["file"].evaluate() == f"{folder}/m/a.1001.exr"
    assert nuke.filename(read) == f"{folder}/m/a.%04d.exr"


def test_an_expression_of_an_inner_knob_sees_the_group(script: seat.Seat) -> None:
    group = nuke.nodes.Group()
    group.addKnob(nuke.Enumeration_Knob("object", "object", ["hero", "car"]))
    with group:
        switch = nuke.nodes.Switch()
        switch["which"].setExpression("parent.object")

    group["object"].setValue("car")

    assert switch["which"].value() == 1
    assert group in switch.dependencies(nuke.EXPRESSIONS)


def test_a_script_with_two_groups_comes_back_as_it_was_saved(script: seat.Seat) -> None:
    for name in ("a", "b"):
        group = nuke.nodes.Group(name=name)
        with group:
            door = nuke.nodes.Input(name="plate")
            nuke.nodes.Output(inputs=[nuke.nodes.Dot(inputs=[door])])
    nuke.toNode("b").setInput(0, nuke.toNode("a"))
    below = nuke.nodes.Dot(inputs=[nuke.toNode("a")])
    below["label"].setValue('a "quoted" [value] {brace}\nand a line')
    nuke.scriptSave()

    nuke.scriptOpen(nuke.scriptName())

    assert nuke.toNode("b").input(0) is nuke.toNode("a")
    assert nuke.toNode("Dot1").input(0) is nuke.toNode("a")
    assert nuke.toNode("Dot1")["label"].value() == 'a "quoted" [value] {brace}\nand a line'
    assert nuke.toNode("b.Dot1").input(0) is nuke.toNode("b.plate")
    assert not nuke.modified()


def test_a_channel_of_rgba_is_said_short_and_written_long(script: seat.Seat) -> None:
    copy = nuke.nodes.Copy()
    copy["from0"].setValue("rgba.alpha")

    assert copy["from0"].value() == "alpha"
    assert copy["from0"].toScript() == "rgba.alpha"
    with refused("no channel", TypeError):
        copy["to0"].setValue("hero.alpha")
    nuke.Layer("hero", ["hero.alpha"])
    copy["to0"].setValue("hero.alpha")


def test_without_a_gui_nothing_is_shown_and_nobody_else_answers() -> None:
    script = seat.new_script("/shots/a.nk", gui=False)
    for call in (nuke.message, nuke.ProgressTask, nuke.menu):
        with refused("GUI", RuntimeError):
            call("Nodes")
    caught: list[BaseException] = []

    def ask() -> None:
        try:
            nuke.executeInMainThread(print)
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    assert [type(error) for error in caught] == [seat.Hang]
    assert not nuke.GUI
    assert not nuke.env["gui"]
    assert len(script.accidents) == 1
