"""An OpenAI-compatible server as the local side: llama-server, vLLM, Ollama, LM Studio.

May import httpx2, ports and core.
"""
