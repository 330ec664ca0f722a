using Actors.Api.Graph;
using Microsoft.AspNetCore.Http.Features;

namespace Actors.Api;

/// <summary>
/// Refuses paths with a segment <c>.</c> or <c>..</c>, also as <c>%2e</c>. The server takes them out before anybody looks at the path: what was meant to
/// remove a device of that name would reach the user, and erase them.
/// </summary>
internal static class DotSegments
{
    private const string Rule = "The path must have no segments . or .. in it.";

    /// <summary>Runs the rest of the pipeline for any other path.</summary>
    public static Task HandleAsync(HttpContext context, RequestDelegate next) =>
        AreIn(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)
            ? Failures.AnswerAsync(context, new(400, "bad_request", Rule), GraphError.Invalid(Rule) with { Status = 400 })
            : next(context);

    /// <summary>Whether a request's target, as it was sent, has such a segment in its path.</summary>
    internal static bool AreIn(ReadOnlySpan<char> target)
    {
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        if (!path.Contains("/.", StringComparison.Ordinal) && !path.Contains("/%2e", StringComparison.OrdinalIgnoreCase))
        {
            return false;   // nearly every one
        }

        foreach (var range in path.Split('/'))
        {
            if (path[range].ToString().Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..")
            {
                return true;
            }
        }

        return false;
    }
}
