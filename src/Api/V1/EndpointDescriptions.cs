namespace Actors.Api.V1;

/// <summary>What several endpoints say of themselves, for the API's description and the pipeline.</summary>
internal static class EndpointDescriptions
{
    /// <summary>A body to start from.</summary>
    public static RouteHandlerBuilder WithExample(this RouteHandlerBuilder endpoint, string json) => endpoint.WithMetadata(new BodyExample(json));

    /// <summary>A list that is read page by page.</summary>
    public static RouteHandlerBuilder TakesPage(this RouteHandlerBuilder endpoint, params string[] more) => endpoint.WithMetadata(new PageParameters(more));

    /// <summary>The problems that it may answer with, beside those of every endpoint (401, 403, 500, 503).</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces<ProblemShape>(status, Problem.ContentType);
        }

        return endpoint;
    }

    /// <summary>Counts a business's calls of this endpoint, and answers 429 beyond <see cref="ManagementRate.PerHour"/>.</summary>
    public static RouteHandlerBuilder LimitManagement(this RouteHandlerBuilder endpoint) => endpoint
        .AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            if (context.RequestServices.GetRequiredService<ManagementRate>().Take(context) is { } retryAt)
            {
                return ManagementRate.Exhausted(retryAt);
            }

            return await next(invocation);
        });
}

/// <summary>An example of a body.</summary>
internal sealed record BodyExample(string Json);

/// <summary>The query parameters of a list.</summary>
/// <param name="More">Beside <c>after</c> and <c>limit</c>.</param>
internal sealed record PageParameters(IReadOnlyList<string> More);

/// <summary>An error as it is written; for the API's description.</summary>
/// <param name="Type">urn:actors:error: and the code.</param>
/// <param name="Title">The code in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong and what would be right.</param>
/// <param name="Code">Stable; programs branch on it. docs/errors.md lists all.</param>
/// <param name="TraceId">By which an operator finds the request.</param>
/// <param name="RetryAt">When another try may succeed, where waiting helps.</param>
/// <param name="Fields">What is wrong with single fields.</param>
internal sealed record ProblemShape(
    string Type, string Title, int Status, string Detail, string Code, string TraceId, string? RetryAt, IReadOnlyList<ProblemField>? Fields);

/// <summary>What is wrong with one field.</summary>
internal sealed record ProblemField(string Field, string Rule);
