"""Who answers a question, and what a model is given: routing, context windows, requests, thoughts.

May import what ``core`` may.
"""
