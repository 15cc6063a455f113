"""A bare llama.cpp loop: decode, take the likeliest token, decode.

Prints its tokens/s and the milliseconds of processor that a token takes.

``python -m tests.benchmarks.bare_decode MODEL THREADS TOKENS``, run by ``tests.benchmarks.engine``
under the same waiting policy as the engine child.
"""

import os
import sys
import time

from shammah_tui.children.llama.threads import set_waiting_policy

PROMPT_TOKENS = 20


def main() -> None:
    model_path, threads, tokens = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    set_waiting_policy(os.environ)
    # Deferred: libgomp reads the policy when llama_cpp opens it.
    import llama_cpp

    llama_cpp.llama_log_set(quiet := llama_cpp.llama_log_callback(lambda *_: None), None)
    model = llama_cpp.llama_model_load_from_file(
        os.fsencode(model_path), llama_cpp.llama_model_default_params()
    )
    parameters = llama_cpp.llama_context_default_params()
    parameters.n_ctx = 4096
    parameters.n_threads = parameters.n_threads_batch = threads
    context = llama_cpp.llama_init_from_model(model, parameters)
    sampler = llama_cpp.llama_sampler_init_greedy()

    batch = (llama_cpp.llama_token * PROMPT_TOKENS)(*range(PROMPT_TOKENS))
    began_s = began_cpu_s = 0.0
    for count in range(-3, tokens):
        # The first tokens, which read the weights into the processor's reach, are not counted.
        if count == 0:
            began_s, began_cpu_s = time.perf_counter(), time.process_time()
        assert (
            llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(batch, len(batch))) == 0
        )
        batch = (llama_cpp.llama_token * 1)(llama_cpp.llama_sampler_sample(sampler, context, -1))
    cpu_ms = (time.process_time() - began_cpu_s) / tokens * 1e3
    print(tokens / (time.perf_counter() - began_s), cpu_ms)
    del quiet


if __name__ == "__main__":
    main()
