"""The training step and the evaluation, as graphs over data held in memory.

``Model.fit`` returns to Python for every batch, and reports running means. Here one graph call
makes many steps, which is faster, and hands back the true loss of each. A flag that the graph
reads before every step lets another thread end it within one batch.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.augmentation.batches import Augmentation

FloatArray = npt.NDArray[np.float32]
_EVALUATION_BATCH = 250


@dataclass(frozen=True)
class Score:
    """How well a network does on a set of images, dropout off.

    Attributes
    ----------
    loss : float
        Mean cross-entropy in nats, without any penalty.
    accuracy : float
        Share of right answers, in [0, 1].
    images : int
        How many images it was taken on.
    """

    loss: float
    accuracy: float
    images: int


class StopFlag:
    """Ends the steps of a run from any thread."""

    def __init__(self) -> None:
        self._variable = tf.Variable(False, trainable=False, name="stop")
        self._lock = threading.Lock()
        self.raised = False

    def raise_it(self) -> None:
        """Let no further step begin."""
        with self._lock:
            self.raised = True
            self._variable.assign(True)

    def pause(self) -> None:
        """Let no further step begin until :meth:`go_on`."""
        with self._lock:
            self._variable.assign(True)

    def go_on(self) -> None:
        """The pause, if there was one, is over; the flag stays as it is."""
        with self._lock:
            self._variable.assign(self.raised)

    def in_graph(self) -> tf.Tensor:
        """What the graph reads before each step."""
        return self._variable.read_value()


class TrainingSteps:
    """Makes the steps of a network on images and labels.

    Parameters
    ----------
    model : keras.Model
        From (N, H, W, C) to probabilities (N, K); its optimizer is given apart.
    optimizer : keras.optimizers.Optimizer
        Moves the model's weights.
    images : ndarray of shape (N, H, W, C), float32
        Values in [0, 1].
    labels : ndarray of shape (N,), int64
        Classes, 0 to K - 1.
    batch_size : int
        Images a step; the last step of an epoch takes what is left.
    stop : StopFlag
        Read before every step.
    label_smoothing : float
        The share of each label that is spread evenly over the classes, in [0, 1); the steps
        lower the loss against such labels (Szegedy et al., 2016).
    augmentation : Augmentation, optional
        Alters each batch before the network sees it.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        images: FloatArray,
        labels: npt.NDArray[np.int64],
        batch_size: int,
        stop: StopFlag,
        label_smoothing: float = 0.0,
        augmentation: Augmentation | None = None,
    ) -> None:
        self._model, self._optimizer, self._stop = model, optimizer, stop
        self._smoothing, self._augmentation = label_smoothing, augmentation
        self._images, self._labels = tf.constant(images), tf.constant(labels)
        self._batch_size = batch_size
        self.steps_per_epoch = -(-len(images) // batch_size)
        optimizer.build(model.trainable_variables)
        self.forget_graph()

    def forget_graph(self) -> None:
        """Have the next call trace the network and its optimizer as they are by then."""
        self._graph = tf.function(self._run)

    def _run(self, order: tf.Tensor, first: tf.Tensor, count: tf.Tensor) -> tuple[tf.Tensor, ...]:
        def goes_on(made: tf.Tensor, *_: tf.TensorArray) -> tf.Tensor:
            return tf.logical_and(made < count, tf.logical_not(self._stop.in_graph()))

        def step(made: tf.Tensor, *arrays: tf.TensorArray) -> tuple[tf.Tensor, ...]:
            begin = (first + made) * self._batch_size
            values = self._step(order[begin : begin + self._batch_size])
            return made + 1, *(
                array.write(made, value) for array, value in zip(arrays, values, strict=True)
            )

        empty = [tf.TensorArray(tf.float32, count, element_shape=()) for _ in range(3)]
        made, *arrays = tf.while_loop(
            goes_on, step, [tf.constant(0), *empty], parallel_iterations=1
        )
        return tuple(array.stack()[:made] for array in arrays)

    def _step(self, chosen: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        images, labels = tf.gather(self._images, chosen), tf.gather(self._labels, chosen)
        if self._augmentation is not None:
            images, labels = self._augmentation(images, labels)
        with tf.GradientTape() as tape:
            probabilities = self._model(images, training=True)
            data_loss, accuracy = _loss_and_accuracy(labels, probabilities)
            data_loss = tf.reduce_mean(data_loss)
            aim = self._smoothed_loss(labels, probabilities) if self._smoothing else data_loss
            loss = tf.add_n([aim, *self._model.losses])
            penalty = _penalty_of(self._model)
        weights = self._model.trainable_variables
        self._optimizer.apply(tape.gradient(loss, weights), weights)
        return data_loss, tf.reduce_mean(accuracy), penalty

    def _smoothed_loss(self, labels: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
        """What the step lowers with smoothed labels; on record is the loss against the labels."""
        mixed = labels.shape.rank == 2
        targets = labels if mixed else tf.one_hot(labels, probabilities.shape[-1])
        return tf.reduce_mean(
            keras.losses.categorical_crossentropy(
                targets, probabilities, label_smoothing=self._smoothing
            )
        )

    def begin(self, epoch: int) -> None:
        """Epoch `epoch`, from 1, begins: from here on its own chance alters its batches."""
        if self._augmentation is not None:
            self._augmentation.begin(epoch, self.steps_per_epoch)

    def run(self, order: npt.NDArray[np.int64], first: int, count: int) -> tuple[FloatArray, ...]:
        """Make the steps `first` to ``first + count - 1`` of an epoch, in training mode.

        Parameters
        ----------
        order : ndarray of shape (N,), int64
            The order in which this epoch goes through the images.
        first, count : int
            The first step, from 0, and how many.

        Returns
        -------
        losses, accuracies, penalties : ndarray of shape (S,), float32
            The true data loss and the accuracy of each batch, against the labels as they are, and
            the L1 and L2 terms of the weights, all before its step. S is less than `count` if the
            flag was raised, for good or for a pause.
        """
        tensors = self._graph(tf.constant(order), tf.constant(first), tf.constant(count))
        losses, accuracies, penalties = (tensor.numpy() for tensor in tensors)
        return losses, accuracies, penalties


class Evaluation:
    """Scores a network, dropout off, on any number of images; traced once for all of them."""

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        images = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)
        labels = tf.TensorSpec((None,), tf.int64)
        self._graph = tf.function(self._run, input_signature=[images, labels])
        self.forget_penalty()

    def forget_penalty(self) -> None:
        """Have the next penalty be that of the prices by then."""
        self._penalty_graph = tf.function(self._penalty)

    def _run(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        def goes_on(begin: tf.Tensor, *_: tf.Tensor) -> tf.Tensor:
            return begin < tf.shape(images)[0]

        def batch(
            begin: tf.Tensor, loss: tf.Tensor, right: tf.Tensor, said: tf.TensorArray
        ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.TensorArray]:
            end = begin + _EVALUATION_BATCH
            probabilities = self._model(images[begin:end], training=False)
            losses, hits = _loss_and_accuracy(labels[begin:end], probabilities)
            said = said.write(begin // _EVALUATION_BATCH, probabilities)
            return end, loss + tf.reduce_sum(losses), right + tf.reduce_sum(hits), said

        zero, batches = tf.constant(0.0), -(-tf.shape(images)[0] // _EVALUATION_BATCH)
        said = tf.TensorArray(
            tf.float32, batches, element_shape=(None, *self._model.output_shape[1:])
        )
        _, loss, right, said = tf.while_loop(
            goes_on, batch, [tf.constant(0), zero, zero, said], parallel_iterations=1
        )
        return loss, right, said.concat()

    def score(self, images: tf.Tensor, labels: tf.Tensor) -> Score:
        """Mean loss and accuracy over all of the images (N, H, W, C) and labels (N,)."""
        return self.predict(images, labels)[0]

    def predict(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[Score, tf.Tensor]:
        """The score on images (N, H, W, C) and labels (N,), and the probabilities (N, K) behind."""
        loss, right, probabilities = self._graph(images, labels)
        count = len(images)
        # Divided in here, 935 of 1,000 are 0.935 and not 0.93500000238.
        return Score(float(loss) / count, float(right) / count, count), probabilities

    def _penalty(self) -> tf.Tensor:
        return _penalty_of(self._model)

    def penalty(self) -> float:
        """The sum of the L1 and L2 terms of the weights as they are."""
        return float(self._penalty_graph())


def _penalty_of(model: keras.Model) -> tf.Tensor:
    return tf.add_n([tf.constant(0.0), *model.losses])


def _loss_and_accuracy(labels: tf.Tensor, probabilities: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    if labels.shape.rank == 2:
        # Shares of classes. The loss is that of each class in its share; right is the largest one.
        losses = keras.losses.categorical_crossentropy(labels, probabilities)
        labels = tf.argmax(labels, axis=-1)
    else:
        losses = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
    hits = tf.cast(tf.equal(tf.argmax(probabilities, axis=-1), labels), tf.float32)
    return losses, hits


def order_of_epoch(seed: int, epoch: int, images: int) -> npt.NDArray[np.int64]:
    """The order in which epoch `epoch`, from 1, goes through the images; drawn from the seed."""
    return np.random.default_rng([seed, epoch]).permutation(images)
