using Actors.Api.Hosting;
using Actors.Grains;
using Actors.Ledger;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Actors.Silo;

/// <summary>Runs the node until it is stopped.</summary>
internal static class NodeCommand
{
    private const int Misconfigured = 2;

    internal static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var node = Node.Build(args);
            await node.StartAsync();
            Greet(node);
            await node.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception error) when (Sentence(error) is { } sentence)
        {
            await Console.Error.WriteLineAsync($"The node can't start: {sentence}");
            return Misconfigured;
        }
    }

    /// <summary>What to write instead, where the cause is the configuration or the surroundings; null for anything else.</summary>
    private static string? Sentence(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case ConfigurationException or LedgerUnavailableException or MismatchException:
                    return cause.Message;
                case Microsoft.AspNetCore.Connections.AddressInUseException:
                    return "its HTTP address is in use; stop what uses it, or write another with --urls http://127.0.0.1:5081.";
                case FormatException when error.StackTrace?.Contains("BindingAddress", StringComparison.Ordinal) == true:
                    return $"{cause.Message} Write an address such as --urls http://127.0.0.1:5080.";
                default:
                    break;
            }
        }

        return null;
    }

    private static void Greet(WebApplication node)
    {
        var addresses = node.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        var url = addresses.First();
        var settings = node.Services.GetRequiredService<NodeSettings>();
        if (settings.Cluster is { } cluster)
        {
            Console.WriteLine($"A silo of the cluster \"{cluster.Id}\" is ready; {(settings.ServesApi ? "the API" : "health and metrics only")} at {url}");
            return;
        }

        var same = settings.DataDirectory == Path.GetFullPath("data") && settings.Provider == StorageProvider.Sqlite ? ""
            : settings.Provider == StorageProvider.Sqlite ? $"--Data:Directory {settings.DataDirectory} " : "(and the node's configuration arguments) ";
        Console.WriteLine(
            $$"""

            Actors is ready at {{url}}
            Storage: {{(settings.Provider == StorageProvider.Sqlite ? $"SQLite under {settings.DataDirectory}" : "PostgreSQL")}}. API reference: {{url}}/docs

            In another terminal, get an operator's token:
              OPERATOR=$(dotnet run --project src/Silo -- token operator ann {{same}}| tail -n 1)

            Then register a business, look at it, and follow what happens:
              curl -s {{url}}/v1/businesses -H "Authorization: Bearer $OPERATOR" -H 'Content-Type: application/json' \
                   -d '{"name":"Corner Shop","country":"DE","accept_terms":true,"numbers":1}'
              curl -s {{url}}/v1/businesses -H "Authorization: Bearer $OPERATOR"
              curl -s {{url}}/v1/audit -H "Authorization: Bearer $OPERATOR"

            The README continues from here. Stop with Ctrl-C.
            """);
    }
}
