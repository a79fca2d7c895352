"""Signing in and out: each step, each failure in the form where it belongs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.settings.secrets import SHORTEST_PASSPHRASE
from console.ui.errors import Errors
from console.ui.screens.project_form import tidy_address
from console.ui.screens.sign_in import PassphrasePrompt, SignInScreen
from console.ui.screens.sign_out import ask_sign_out
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.stage import NoSession, Stage
from tests.waiting import eventually


@pytest.fixture
def session() -> NoSession:
    return NoSession()


@pytest.fixture
def screen(stage: Stage, session: NoSession) -> SignInScreen:
    made = SignInScreen(session, stage.theme, Errors())
    stage.show(made, 520, 640)
    return made


async def test_enter_in_the_password_signs_in(
    screen: SignInScreen, session: NoSession, qtbot: QtBot
) -> None:
    done: list[bool] = []
    screen.signed_in.connect(lambda: done.append(True))
    qtbot.keyClicks(screen.password.field("email"), "dewi@tokomakmur.id")
    qtbot.keyClicks(screen.password.field("password"), " rahasia ")
    qtbot.keyClick(screen.password.field("password"), Qt.Key.Key_Return)
    await eventually(lambda: done == [True])
    assert session.calls == [("sign_in", "dewi@tokomakmur.id", " rahasia ")]
    assert screen.password.field("password").text() == ""


@pytest.mark.parametrize(
    "failure",
    [
        ExpectedError("Email atau kata sandi salah."),
        EnvironmentFaultError("Tidak ada jaringan.", fix="Coba lagi nanti."),
    ],
)
async def test_a_failure_is_said_in_the_form(
    screen: SignInScreen, session: NoSession, qtbot: QtBot, failure: ExpectedError
) -> None:
    session.failure = failure
    screen.password.field("email").setText("dewi@tokomakmur.id")
    screen.password.field("password").setText("salah")
    qtbot.mouseClick(screen.password.submit, Qt.MouseButton.LeftButton)
    await eventually(lambda: screen.password.message.isVisible())
    assert failure.title in screen.password.message.text()
    assert failure.fix in screen.password.message.text()
    assert screen.password.submit.isEnabled()


async def test_empty_fields_are_marked_and_nothing_is_sent(
    screen: SignInScreen, session: NoSession, qtbot: QtBot
) -> None:
    qtbot.mouseClick(screen.password.submit, Qt.MouseButton.LeftButton)
    await eventually(lambda: screen.password.field("email").property("wrong") == "true")
    assert session.calls == []


async def test_a_one_time_code_sets_the_password(
    screen: SignInScreen, session: NoSession, qtbot: QtBot
) -> None:
    screen.password.field("email").setText("baru@tokomakmur.id")
    screen._to_code()
    form = screen.code
    assert form.text("email") == "baru@tokomakmur.id"
    form.field("code").setText("123456")
    form.field("new").setText("pendek")
    qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    await eventually(lambda: form.message.isVisible())
    assert session.calls == []
    form.field("new").setText("cukup-panjang")
    qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    await eventually(lambda: session.calls)
    assert session.calls == [("verify_code", "baru@tokomakmur.id", "123456", "cukup-panjang")]


async def test_the_first_run_asks_for_the_project(stage: Stage, qtbot: QtBot) -> None:
    session = NoSession("")
    screen = SignInScreen(session, stage.theme, Errors())
    stage.show(screen, 520, 640)
    assert screen.pages.currentWidget() is screen.project
    screen.project.field("url").setText("https://toko.supabase.co")
    screen.project.field("key").setText("sb_publishable_x")
    qtbot.mouseClick(screen.project.submit, Qt.MouseButton.LeftButton)
    await eventually(lambda: screen.pages.currentWidget() is screen.password)
    assert screen.password.caption.text() == "toko.supabase.co"


async def test_a_project_that_cannot_be_used_is_explained_with_one_fix(
    stage: Stage, qtbot: QtBot
) -> None:
    session = NoSession("")
    session.failure = ExpectedError(
        "The project does not know this key", "It is another project's.", fix="Copy it again."
    )
    screen = SignInScreen(session, stage.theme, Errors())
    stage.show(screen, 520, 640)
    form = screen.project
    form.field("url").setText(
        "https://supabase.com/dashboard/project/abcdefghijklmnopqrst/settings"
    )
    form.field("key").setText("sb_publishable_x")
    qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    await eventually(lambda: form.problem.isVisible())
    assert session.calls[0][1] == "https://abcdefghijklmnopqrst.supabase.co"
    assert form.problem.text.text() == "It is another project's."
    assert form.problem.fix.text() == "Copy it again."
    assert form.field("key").hasFocus()
    assert form.submit.isEnabled()


async def test_a_test_that_takes_long_can_be_stopped(stage: Stage, qtbot: QtBot) -> None:
    session = NoSession("")
    screen = SignInScreen(session, stage.theme, Errors())
    stage.show(screen, 520, 640)
    form = screen.project
    form.show_trying()
    assert not form.submit.isEnabled()
    qtbot.mouseClick(form.stop, Qt.MouseButton.LeftButton)
    assert form.submit.isEnabled()
    assert not form.stop.isVisible()


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        ("abcdefgh.supabase.co", "https://abcdefgh.supabase.co"),
        ("https://abc.supabase.co/rest/v1/", "https://abc.supabase.co"),
        ("http://abc.supabase.co", "http://abc.supabase.co"),
        ("not an address", "not an address"),
    ],
)
def test_an_address_is_tidied_only_where_it_is_clear_what_was_meant(
    typed: str, tidied: str
) -> None:
    assert tidy_address(typed) == tidied


async def test_a_new_passphrase_is_typed_twice(stage: Stage, qtbot: QtBot) -> None:
    prompt = PassphrasePrompt(stage.theme, is_new=True)
    stage.show(prompt, 520, 640)
    given: list[str] = []
    prompt.given.connect(given.append)
    prompt.form.field("passphrase").setText("kuda baterai")
    prompt.form.field("again").setText("kuda")
    qtbot.mouseClick(prompt.form.submit, Qt.MouseButton.LeftButton)
    assert given == []
    assert prompt.form.message.isVisible()
    prompt.form.field("again").setText("kuda baterai")
    qtbot.mouseClick(prompt.form.submit, Qt.MouseButton.LeftButton)
    assert given == ["kuda baterai"]


async def test_a_new_passphrase_is_as_long_as_the_store_wants_it(
    stage: Stage, qtbot: QtBot
) -> None:
    stage.language.choose("id")
    prompt = PassphrasePrompt(stage.theme, is_new=True)
    stage.show(prompt, 520, 640)
    given: list[str] = []
    prompt.given.connect(given.append)
    for length in (SHORTEST_PASSPHRASE - 1, SHORTEST_PASSPHRASE):
        assert given == []
        prompt.form.field("passphrase").setText("k" * length)
        prompt.form.field("again").setText("k" * length)
        qtbot.mouseClick(prompt.form.submit, Qt.MouseButton.LeftButton)
        if length < SHORTEST_PASSPHRASE:
            assert prompt.form.message.text() == "Pakai 10 karakter atau lebih."
    assert given == ["k" * SHORTEST_PASSPHRASE]


async def test_unsent_replies_are_asked_about(open_thread: MainWindow, store: MemoryStore) -> None:
    chosen: list[str] = []
    question = ask_sign_out(open_thread, 2, chosen.append)
    assert question.windowTitle() == "2 balasan belum terkirim"
    assert question.isVisible()
    question._answer(lambda: chosen.append("send"))
    assert chosen == ["send"]
