"""The standard input by rule: 1,000 places on a grid over Kansas, of which some move and some are renamed."""

POINTS = 1000
HEADER = "icao,iata,name,city,subd,country,elevation,lat,lon,tz,lid"


def places(number: int) -> bytes:
    """Return an edition as a file of airports; from one to the next 2 % move and 14 % are renamed."""
    lines = [HEADER]
    for n in range(POINTS):
        lat, lon = 37.1 + (n // 40) * 0.11, -101.9 + (n % 40) * 0.18
        lat += 0.01 if (n + number) % 50 == 0 else 0
        name = f"Field {n}" if (n + number) % 7 else f"Field {n} of {number}"
        where = f"{900 + n % 700},{lat:.5f},{lon:.5f}"
        lines.append(f"{n:04d},,{name},Town {n % 90},Kansas,US,{where},America/Chicago,")
    return "\n".join([*lines, ""]).encode()
