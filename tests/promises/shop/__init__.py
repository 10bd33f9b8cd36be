"""A project's app, as the suites of the promises need one: its receivers write down what they did."""
