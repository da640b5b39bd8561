"""A Flower app in the layout of the PyTorch quickstart, on MNIST."""
