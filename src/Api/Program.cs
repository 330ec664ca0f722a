using Actors.Api.Hosting;

try
{
    await using var node = ApiNode.Build(args);
    await node.StartAsync();
    Console.WriteLine($"The API of the cluster answers at {node.Urls.First()}. API reference: {node.Urls.First()}/docs");
    await node.WaitForShutdownAsync();
    return 0;
}
catch (OperationCanceledException)
{
    return 0;   // told to stop while it still waited for the silos
}
catch (ConfigurationException wrong)
{
    await Console.Error.WriteLineAsync($"The API can't start: {wrong.Message}");
    return 2;
}
