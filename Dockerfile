FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/StreamSQL.Server -c Release -r linux-x64 --self-contained false \
    -p:PublishReadyToRun=true -p:NuGetLockFilePath=obj/publish.lock.json -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
COPY samples samples
VOLUME /data
EXPOSE 9092 7432 8088
ENV STREAMSQL_DATA_DIR=/data
ENTRYPOINT ["./streamsql"]
CMD ["start"]
