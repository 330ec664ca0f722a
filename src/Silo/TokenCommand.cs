using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Actors.Api.Auth;
using Actors.Api.Hosting;

namespace Actors.Silo;

/// <summary>
/// <c>token operator &lt;name&gt; | business &lt;id&gt; | user &lt;wa_id&gt;</c>: prints a token, alone on its last line. Takes the node's
/// configuration arguments, and works while the node runs. A business's token comes from the running node, which knows how often that
/// business's tokens have been revoked and notes it in the audit.
/// </summary>
internal static class TokenCommand
{
    private const string Usage =
        "token operator <name> | business <id> [--scope send,manage,read] | user <wa_id>, each with [--days N] and the node's configuration arguments";

    internal static async Task<int> RunAsync(string[] args)
    {
        try
        {
            Console.WriteLine(await MakeAsync(args));
            return 0;
        }
        catch (ConfigurationException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 2;
        }
    }

    private static async Task<string> MakeAsync(string[] args)
    {
        if (args is not [var role, var subject, .. var rest] || subject.StartsWith('-'))
        {
            throw new ConfigurationException($"Write: {Usage}.");
        }

        var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables().AddCommandLine(rest);
        var settings = NodeSettings.Read(configuration);
        SigningKey.Provide(configuration, settings.DataDirectory);
        if (configuration["Auth:Authority"] is { Length: > 0 } authority)
        {
            throw new ConfigurationException($"Tokens are made by {authority}, not here.");
        }

        var issuer = new TokenIssuer(AuthSettings.From(configuration), TimeProvider.System);
        var life = TimeSpan.FromDays(Days(configuration["days"]));
        try
        {
            return (role, Id(subject)) switch
            {
                ("operator", _) => issuer.ForOperator(subject, life),
                ("user", { } user) => issuer.ForUser(user, life),
                ("business", { } business) => await ForBusinessAsync(business, configuration, issuer, life),
                ("user" or "business", null) => throw new ConfigurationException($"\"{subject}\" is not a number; write: {Usage}."),
                _ => throw new ConfigurationException($"\"{role}\" is not a role; write: {Usage}."),
            };
        }
        catch (ArgumentException wrong)
        {
            throw new ConfigurationException($"\"{subject}\": {wrong.Message.Split(" (Parameter")[0]}; write: {Usage}.");
        }
    }

    private static async Task<string> ForBusinessAsync(long business, ConfigurationManager configuration, TokenIssuer issuer, TimeSpan life)
    {
        var url = (configuration["urls"] ?? configuration["ASPNETCORE_URLS"] ?? NodeSettings.DefaultUrl).Split(';')[0];
        using var client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(10) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", issuer.ForOperator("token-command", TimeSpan.FromMinutes(5)));
        try
        {
            var scopes = (configuration["scope"] ?? "send,manage,read").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            using var response = await client.PostAsJsonAsync(
                new Uri($"/v1/businesses/{business}/tokens", UriKind.Relative), new { scope = scopes, days = (int)life.TotalDays });
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
            return response.IsSuccessStatusCode
                ? answer.GetProperty("token").GetString()!
                : throw new ConfigurationException(
                    $"The node at {url} refuses: {(answer.TryGetProperty("detail", out var detail) ? detail.GetString() : response.StatusCode.ToString())}");
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException or JsonException)
        {
            throw new ConfigurationException(
                $"A business's token is made by the running node, and {url} doesn't answer: start the node first, or name its address with --urls.");
        }
    }

    private static long? Id(string subject) =>
        long.TryParse(subject.TrimStart('+'), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 ? id : null;

    private static int Days(string? text) => text is null ? 30
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= TokenIssuer.DaysMax ? days
        : throw new ConfigurationException($"--days is \"{text}\"; write a whole number from 1 to {TokenIssuer.DaysMax}.");
}
