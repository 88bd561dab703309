"""Distances on the earth."""

from __future__ import annotations

import numpy as np
import pandas as pd

EARTH_RADIUS_KM = 6371.0088


def haversine_km(
    latitude: pd.Series, longitude: pd.Series, other_latitude: pd.Series, other_longitude: pd.Series
) -> pd.Series:
    """Great-circle distance between points in degrees, row by row, in kilometres.

    With the mean radius of the earth; ``2 R asin(sqrt(h))``, ``h = sin²(Δφ/2) + cos φ₁ cos φ₂
    sin²(Δλ/2)`` (Sinnott 1984, "Virtues of the haversine", Sky and Telescope 68:159). Missing where
    a coordinate is missing or not on earth.
    """
    known = is_on_earth(latitude, longitude) & is_on_earth(other_latitude, other_longitude)
    degrees = (latitude, longitude, other_latitude, other_longitude)
    points = (np.radians(s.where(known).to_numpy(dtype="float64")) for s in degrees)
    phi, lam, other_phi, other_lam = points
    between = np.cos(phi) * np.cos(other_phi) * np.sin((other_lam - lam) / 2) ** 2
    h = np.sin((other_phi - phi) / 2) ** 2 + between
    return pd.Series(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(h, 0, 1))), index=latitude.index)


def is_on_earth(latitude: pd.Series, longitude: pd.Series) -> pd.Series:
    """Whether a pair of degrees is a place; it is not where either is missing."""
    return latitude.abs().le(90) & longitude.abs().le(180)
