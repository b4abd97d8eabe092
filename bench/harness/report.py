def render(results):
    return "x"
