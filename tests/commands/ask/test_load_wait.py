"""How ``shammah ask`` waits for the local model."""

import pytest

from shammah_tui.commands.ask.ask import LoadWait
from shammah_tui.core.local.generator import NotAvailable, NotLoaded, Offline
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.local.load_plan import LoadPlan
from tests.fakes import FixedProbe, ScriptedSource, ScriptedStarter


@pytest.mark.parametrize("state", [NotAvailable(NotLoaded()), NotAvailable(Offline())])
async def test_a_local_side_that_is_left_alone_is_not_waited_for(state: NotAvailable) -> None:
    wait = LoadWait()
    plan = LoadPlan(None, CATALOGUE)
    loader = BootstrapLoader(
        plan, ScriptedSource(), ScriptedStarter(), FixedProbe(), wait.tell, absence=state
    )
    loader.start()
    await wait.until_settled(loader)
    assert loader.active is None
    assert loader.snapshot.state == state
    loader.close()
