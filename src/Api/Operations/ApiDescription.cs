using System.Text.Json.Nodes;
using Actors.Api.Auth;
using Actors.Api.Graph;
using Actors.Api.V1;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Actors.Api.Operations;

/// <summary>What the OpenAPI document says beside what the endpoints say of themselves.</summary>
internal static class ApiDescription
{
    /// <summary>Name of the one way to say who calls.</summary>
    public const string Bearer = "bearer";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, context, _) =>
        {
            Introduce(document);
            GraphDescription.AddTo(document, context.ApplicationServices.GetRequiredService<GraphPipeline>().Calls);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (metadata.OfType<PageParameters>().LastOrDefault() is { } page)
            {
                Page(operation, page);
            }

            if (metadata.OfType<BodyExample>().LastOrDefault() is { } example
                && operation.RequestBody?.Content?.TryGetValue("application/json", out var body) == true)
            {
                body.Example = JsonNode.Parse(example.Json);
            }

            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
            {
                Id(parameter);
            }

            if (metadata.OfType<AccessRule>().LastOrDefault() is { Anyone: false } rule)
            {
                Guard(operation, rule, context.Document);
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>Who may call it, in a sentence.</summary>
    public static string Callers(AccessRule rule)
    {
        List<string> callers = [];
        if (rule.Business is { } scope)
        {
            callers.Add($"a business with scope `{ScopeText.Format(scope)}`, for itself");
        }

        if (rule.User)
        {
            callers.Add("a user, for themself");
        }

        if (rule.Operator)
        {
            callers.Add("an operator");
        }

        return $"**Callers:** {string.Join("; ", callers)}.";
    }

    /// <summary>Says that an operation needs a token, and whose.</summary>
    public static void Guard(OpenApiOperation operation, AccessRule rule, OpenApiDocument? document)
    {
        operation.Description = string.Join("\n\n", new[] { operation.Description, Callers(rule) }.Where(d => !string.IsNullOrEmpty(d)));
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
        operation.Responses ??= [];
        operation.Responses.TryAdd("401", new OpenApiResponse { Description = "The token is missing or not good" });
        operation.Responses.TryAdd("403", new OpenApiResponse { Description = "The token is not for this" });
        operation.Responses.TryAdd("503", new OpenApiResponse { Description = "Overloaded or a part is away; see Retry-After" });
    }

    private static void Introduce(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Actors",
            Version = "v1",
            Description =
                "Business messaging, decided per user. Businesses send in the WhatsApp Cloud API's wire format (tag *Cloud API*); users, operators and what "
                + "the Cloud API has no call for are under `/v1`.\n\n"
                + "Times under `/v1` are RFC 3339, UTC. Lists take `limit` (1 to 1,000; 100 when left out) and the opaque cursor `after`. Unknown fields are "
                + "refused. Errors are RFC 9457 problems with a stable `code`.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "A token of a business, a user or an operator.",
        };
    }

    private static void Page(OpenApiOperation operation, PageParameters page)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(Query("after", "The cursor that the page before gave as next; left out, the list starts anew.", JsonSchemaType.String));
        var limit = Query("limit", "At most so many.", JsonSchemaType.Integer);
        limit.Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Minimum = "1",
            Maximum = "1000",
            Default = JsonValue.Create(V1.Page.LimitDefault),
        };
        operation.Parameters.Add(limit);
        foreach (var name in page.More)
        {
            operation.Parameters.Add(Query(name, null, JsonSchemaType.String));
        }
    }

    /// <summary>Ids are text outside: no client should count with them.</summary>
    private static void Id(OpenApiParameter parameter)
    {
        var first = parameter.Name switch { "business" => 1, "number" => 2, "template" => 3, _ => 0 };
        if (parameter.In == ParameterLocation.Path && first > 0)
        {
            parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = FormattableString.Invariant($"^{first}[0-9]{{15}}$") };
        }
    }

    private static OpenApiParameter Query(string name, string? description, JsonSchemaType type) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Description = description,
        Schema = new OpenApiSchema { Type = type },
    };
}
