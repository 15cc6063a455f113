"""The fetch child: one transfer of weights from the Hub into its cache."""
