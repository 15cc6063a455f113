"""A conversation as the body of a request for a chat completion."""

from shammah_tui.adapters.endpoint.server import Server
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.routing.messages_request import MessagesRequest
from shammah_tui.ports import ReplyOptions


def completion_request(
    server: Server, messages: MessagesRequest, options: ReplyOptions, *, extras: bool
) -> dict[str, object]:
    """Return the body.

    ``extras`` says whether to send what is not in OpenAI's own API as it began: the samplers and
    the switch for thinking that llama-server, vLLM and Ollama know, and the request for a count of
    tokens. Some servers refuse fields that they do not know.
    """
    sampling = options.sampling
    system = [{"role": Role.SYSTEM.value, "content": messages.system}] if messages.system else []
    body: dict[str, object] = {
        "model": server.model,
        "messages": [
            *system,
            *({"role": role.value, "content": text} for role, text in messages.turns),
        ],
        "stream": True,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "presence_penalty": sampling.presence_penalty,
    }
    if sampling.seed is not None:
        body["seed"] = sampling.seed
    if options.max_tokens is not None:
        body["max_tokens"] = options.max_tokens
    if not extras:
        return body
    body |= {
        "stream_options": {"include_usage": True},
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        # llama-server and Ollama know the first name, vLLM the second.
        "repeat_penalty": sampling.repeat_penalty,
        "repetition_penalty": sampling.repeat_penalty,
        "chat_template_kwargs": {"enable_thinking": options.enable_thinking},
    }
    if server.is_ollama and not options.enable_thinking:
        # It has no other switch here; vLLM before 0.12 would refuse the word.
        body["reasoning_effort"] = "none"
    return body
