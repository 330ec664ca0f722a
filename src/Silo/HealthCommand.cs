namespace Actors.Silo;

/// <summary>Asks a node for its health, for container images that have no HTTP client of their own. Exit code 0 when it is well.</summary>
internal static class HealthCommand
{
    internal static async Task<int> RunAsync(string url)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        try
        {
            using var response = await client.GetAsync(new Uri(url));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"{url} doesn't answer: {error.Message}");
            return 1;
        }
    }
}
