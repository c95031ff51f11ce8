"""What Learnscope computes: no Streamlit here, and plotly only in :mod:`core.figures`."""

import os

# Keras and TensorFlow read these once, while they are imported, and every module that imports them
# lies below this one. The networks are built for this backend, whatever ~/.keras/keras.json says.
# Level 3 lets only fatal messages through: level 2 would still greet a machine without a graphics
# card with "failed call to cuInit", at every start.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
