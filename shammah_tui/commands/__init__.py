"""What works without the screen: ``ask``, ``history``, ``export``, ``models``, ``doctor``.

May import the foundation, services, adapters, ports and core; never Textual.
"""
