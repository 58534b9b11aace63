# One image for the API, one for the workers: EXTRAS=api or EXTRAS=worker.
FROM python:3.11-slim

ARG EXTRAS=api
ARG CONSTRAINTS=constraints.txt

RUN useradd --create-home --uid 10001 epicrisis \
 && install -d -o epicrisis /var/cache/epicrisis
WORKDIR /app
COPY pyproject.toml README.md LICENSE constraints.txt constraints-cuda.txt ./
COPY shared shared
COPY services services
COPY workers workers
COPY migrations migrations
RUN pip install --no-cache-dir -c "$CONSTRAINTS" ".[$EXTRAS]"

ENV EPICRISIS_ENGINES=/var/cache/epicrisis/engines PYTHONUNBUFFERED=1
USER epicrisis
