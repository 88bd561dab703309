"""A synthetic survey of a training programme, whose true effects are known.

``draw_truth`` draws who is trained and every outcome with and without training, ``report`` asks the
enterprises and workers. Both outcomes come from the same random numbers, so that they differ by the
effects alone.
"""
