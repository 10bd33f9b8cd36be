"""A project's app, as the suites under fire need one: its receivers write down what they did."""
