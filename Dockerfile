FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src src
COPY db db
# The API's own program comes along: a silo has it in the same process.
RUN dotnet publish src/Silo -c Release -o /app

# The load test (target load): its own image, so that the node's has nothing of it.
FROM build AS build-load
COPY bench bench
RUN dotnet publish bench/Scenarios -c Release -o /load

FROM mcr.microsoft.com/dotnet/runtime:10.0 AS load
WORKDIR /load
COPY --from=build-load /load .
USER $APP_UID
ENTRYPOINT ["dotnet", "Actors.Scenarios.dll"]

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
# The image's own unprivileged user owns the data directory; everything else is read-only to it.
RUN mkdir /data && chown app:app /data
USER $APP_UID
VOLUME /data
EXPOSE 8080
ENV ASPNETCORE_URLS=http://+:8080 Data__Directory=/data
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["dotnet", "Actors.Silo.dll", "health", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["dotnet", "Actors.Silo.dll"]
