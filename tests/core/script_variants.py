"""Settings whose scripts are written, run and compared; together they use every choice."""

from __future__ import annotations

from core.settings import Settings, from_mapping

SMALL = {"dataset": "digits", "training_images": 100, "filters": 4, "dense_units": 16, "epochs": 1}
EVERYTHING = {
    "wrong_labels": 0.35,
    "kernel_size": 5,
    "pooling": "average",
    "dropout_convolution": 0.2,
    "dropout_dense": 0.5,
    "spatial_dropout": True,
    "batch_normalization": True,
    "batch_normalization_place": "after",
    "l1": 1e-5,
    "l2": 1e-4,
    "early_stopping": True,
    "patience": 7,
    "optimizer": "adamw",
    "weight_decay": 0.01,
    "batch_size": 64,
    "seed": 2**31 - 1,
}
VARIANTS = {
    "default": {"epochs": 1, "training_images": 100},
    "everything": SMALL | EVERYTHING,
    "no pooling, RMSprop": SMALL | {"pooling": "none", "blocks": 1, "optimizer": "rmsprop"},
    "normalization as Keras has it, L1": SMALL
    | {"batch_normalization": True, "batch_normalization_momentum": 0.99}
    | {"l1": 0.001, "early_stopping": True},
    "dropout, L2": SMALL
    | {"dropout_convolution": 0.25, "dropout_dense": 0.95, "l2": 0.03, "batch_size": 7},
    "three blocks, SGD": SMALL
    | {"blocks": 3, "optimizer": "sgd", "momentum": 0.8, "learning_rate": 1e-05, "seed": 5},
    # Every batch is the whole training part, so that the order of images makes no difference.
    "whole batches": SMALL
    | {"batch_normalization": True, "batch_normalization_momentum": 0.5}
    # Before the activation, the biases would have gradients of 0, and Adam steps on their rounding.
    | {"batch_normalization_place": "after", "wrong_labels": 0.2}
    | {"l2": 0.003, "optimizer": "adamw", "learning_rate": 0.01, "batch_size": 100, "epochs": 8},
    "noise, spatial dropout, layer normalization, max-norm, step": SMALL
    | {"noise": 0.1, "dropout_convolution": 0.2, "dropout_kind": "spatial", "max_norm": 2.0}
    | {"normalization": "layer", "schedule": "step", "schedule_epochs": 1, "epochs": 2},
    "noise behind blocks, gaussian dropout, groups, smoothing, plateau": SMALL
    | {"noise": 0.1, "noise_place": "blocks", "dropout_dense": 0.5, "dropout_kind": "gaussian"}
    | {"normalization": "group", "normalization_groups": 2, "label_smoothing": 0.1}
    | {"schedule": "plateau", "early_stopping": True, "blocks": 2},
    "smoothing, elastic net, clipping, averages": SMALL
    | {"label_smoothing": 0.2, "l1": 1e-5, "l2": 1e-4, "gradient_clipping": 0.5}
    | {"weight_averaging": True, "optimizer": "adamw"},
    "whole batches, steadied": SMALL
    | {"normalization": "group", "normalization_place": "after", "max_norm": 0.9, "l2": 0.003}
    | {"label_smoothing": 0.2, "gradient_clipping": 0.2, "learning_rate": 0.02, "epochs": 8}
    | {"weight_averaging": True, "averaging_momentum": 0.5, "schedule": "cosine"}
    | {"batch_size": 100},
    "equal average, dropout, augmentation": SMALL
    | {"averaging": "swa", "dropout_dense": 0.5, "l2": 0.003, "shift": 0.1, "epochs": 2},
    "whole batches, equal average": SMALL
    | {"normalization": "batch", "normalization_place": "after", "l2": 0.003}
    | {"averaging": "swa", "averaging_start": 0.3, "learning_rate": 0.01, "optimizer": "adamw"}
    | {"batch_size": 100, "epochs": 8},
    "augmentation": SMALL
    | {"shift": 0.1, "rotation": 12.5, "zoom": 0.2, "flip": "both", "contrast": 0.3, "cutout": 0.5},
    "mixed labels": SMALL
    | {"mixup": 0.4, "cutmix": 0.5, "l2": 0.003, "batch_size": 30, "early_stopping": True}
    | {"wrong_labels": 0.1, "seed": 2**31 - 1},
    "fashion-mnist": SMALL | {"dataset": "fashion-mnist"},
    "cifar10": SMALL | {"dataset": "cifar10", "wrong_labels": 0.5},
}


def settings_of(variant: str) -> Settings:
    return from_mapping(VARIANTS[variant])
