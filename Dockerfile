# One image for the API and the worker. It carries no data: that is in the database.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN pip wheel --no-build-isolation --no-deps --no-index --wheel-dir /wheel .

FROM python:3.13-slim
RUN useradd --system --create-home --home-dir /srv/jifen jifen
WORKDIR /srv/jifen
# The packages first: they change less often than the code.
COPY requirements-run.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-run.lock
COPY --from=build /wheel /wheel
RUN pip install --no-cache-dir --no-deps --no-index /wheel/*.whl

USER jifen
ENV JIFEN_HOST=0.0.0.0 JIFEN_PORT=8000 JIFEN_HOME=/srv/jifen/data PYTHONUNBUFFERED=1
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["jifen"]
CMD ["serve"]
