"""``shammah serve``: the chat on a page of a browser."""
