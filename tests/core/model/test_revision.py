from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.conversation.reply import Usage
from shammah_tui.core.model.model_spec import revision_of, shown_revision
from shammah_tui.core.wording.receipt_lines import receipt_lines

COMMIT = "0123456789abcdef0123456789abcdef01234567"
IN_CACHE = f"/home/me/.cache/hub/models--a--b/snapshots/{COMMIT}/sub/model-Q4_K_M.gguf"


def test_a_file_of_the_cache_has_its_commit_and_any_other_its_name() -> None:
    assert revision_of(IN_CACHE) == COMMIT
    assert revision_of("/models/snapshots/mine/model-Q4_K_M.gguf") == "model-Q4_K_M.gguf"
    assert revision_of("gpu-box") == "gpu-box"
    assert revision_of("") == ""


def test_a_receipt_shows_as_much_of_a_commit_as_people_use() -> None:
    assert shown_revision(COMMIT) == "0123456789ab"
    lines = dict(receipt_lines(Receipt(Side.LOCAL, model="Qwen3.5 4B", revision=COMMIT)))
    assert lines["Model"] == "Qwen3.5 4B (0123456789ab)"


def test_a_revision_that_is_the_models_name_is_said_once() -> None:
    claude = "claude-sonnet-4-5-20250929"
    lines = dict(receipt_lines(Receipt(Side.CLAUDE, model=claude, revision=claude)))
    assert lines["Model"] == claude


def test_what_was_estimated_is_said_to_be() -> None:
    usage = Usage(1_200, 340, reread_tokens=77, is_estimated=True)
    lines = dict(receipt_lines(Receipt(Side.CLAUDE, usage=usage, cost_microusd=5_800)))
    assert lines["Tokens"] == "1,200 in, about 340 out, 77 read again"
    assert lines["Cost"] == "about $0.0058"
    exact = dict(receipt_lines(Receipt(Side.LOCAL, usage=Usage(1, 2, reread_tokens=0))))
    assert exact["Tokens"] == "1 in, 2 out"
