using System.Text;
using Actors.Api.Auth;
using Orleans.Dashboard;

namespace Actors.Api.Operations;

/// <summary>
/// Orleans' own dashboard at <c>/orleans/</c>, where <c>Http:Dashboard</c> is on: silos, activations and methods, for operators. What would show somebody's
/// state or the logs isn't there.
/// </summary>
internal static class DashboardApi
{
    private const string Root = "/orleans";

    /// <summary>What it loads and asks for; all else (grains' state, reminders, the stream of logs) doesn't exist.</summary>
    private static readonly HashSet<string> Shown = new(StringComparer.OrdinalIgnoreCase)
    {
        "", "index.html", "favicon.ico", "index.min.js", "index.css", "fonts", "img", "version", "DashboardCounters", "ClusterStats", "HistoricalStats",
        "SiloProperties", "SiloMetadata", "SiloStats", "SiloCounters", "GrainStats", "TopGrainMethods", "LifecycleStages", "GrainTypes",
    };

    /// <summary>How it is shown, on silos and on API nodes.</summary>
    public static void Configure(DashboardOptions options) => options.HideTrace = true;

    public static void MapDashboard(this IEndpointRouteBuilder routes) => routes.MapOrleansDashboard(Root).AllowOperator().ExcludeFromDescription();

    /// <summary>
    /// Before routing. A browser can't be told to send a token with a page: it asks for a password, and that is the operator's token.
    /// </summary>
    public static void UseDashboard(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (!context.Request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase, out var rest))
        {
            await next(context);
            return;
        }

        var first = rest.Value!.TrimStart('/').Split('/')[0];
        if (!Shown.Contains(first))
        {
            await Problems.NotFound("There is nothing at this address.").ExecuteAsync(context);
            return;
        }

        var headers = context.Request.Headers;
        if (PasswordOf(headers.Authorization.ToString()) is { } token)
        {
            headers.Authorization = "Bearer " + token;
        }

        context.Response.OnStarting(() =>
        {
            if (context.Response.StatusCode == StatusCodes.Status401Unauthorized)
            {
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"the password is an operator's token\", charset=\"UTF-8\"";
            }

            return Task.CompletedTask;
        });
        await next(context);
    });

    private static string? PasswordOf(string header)
    {
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var bytes = new byte[header.Length];
        return Convert.TryFromBase64String(header[6..].Trim(), bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [_, var word] ? word : null;
    }
}
