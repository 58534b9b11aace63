# One image for the API, one for the workers, one for workers on GPUs:
#   EXTRAS=api,parquet,s3 | worker,s3 | worker,s3,cuda with CONSTRAINTS=constraints-cuda.txt
FROM python:3.11-slim-bookworm AS build

ARG EXTRAS=api,parquet,s3
ARG CONSTRAINTS=constraints.txt

RUN python -m venv /opt/epicrisis
WORKDIR /src
COPY pyproject.toml README.md LICENSE constraints.txt constraints-cuda.txt ./
COPY shared shared
COPY services services
COPY workers workers
COPY migrations migrations
RUN /opt/epicrisis/bin/pip install --no-cache-dir -c "$CONSTRAINTS" ".[$EXTRAS]"

FROM python:3.11-slim-bookworm

# The folders that volumes are mounted on: a new volume takes over their owner.
RUN useradd --create-home --uid 10001 epicrisis \
 && install -d -o epicrisis -g epicrisis /var/cache/epicrisis /var/lib/epicrisis/audit \
    /var/lib/epicrisis/runs
COPY --from=build /opt/epicrisis /opt/epicrisis

# CTranslate2 looks for CUDA 12's cuBLAS by name; torch brings CUDA 13's and finds its own.
ENV PATH=/opt/epicrisis/bin:$PATH \
    LD_LIBRARY_PATH=/opt/epicrisis/lib/python3.11/site-packages/nvidia/cublas/lib \
    EPICRISIS_ENGINES=/var/cache/epicrisis/engines \
    EPICRISIS_MODELS=/var/cache/epicrisis/models \
    EPICRISIS_RUNS=/var/lib/epicrisis/runs \
    PYTHONUNBUFFERED=1
WORKDIR /home/epicrisis
USER epicrisis
