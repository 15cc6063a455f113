"""What works without the screen: ``ask``, ``history``, ``export``, ``models``, ``doctor``.

May import services, adapters, ports and core; never Textual.
"""
