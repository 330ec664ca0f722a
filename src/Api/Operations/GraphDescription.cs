using System.Text.Json.Nodes;
using Actors.Api.Auth;
using Microsoft.OpenApi;

namespace Actors.Api.Operations;

/// <summary>The calls in the Cloud API's wire format: routed by hand, so described by hand.</summary>
internal static class GraphDescription
{
    private const string Tag = "Cloud API";

    /// <summary>A template to somebody.</summary>
    public const string SendBody =
        """
        {"messaging_product":"whatsapp","recipient_type":"individual","to":"+49 170 1234567","type":"template",
         "template":{"name":"order_shipped","language":{"code":"en_US"},
                     "components":[{"type":"body","parameters":[{"type":"text","text":"A-17"}]}]},
         "biz_opaque_callback_data":"order A-17"}
        """;

    private const string Accepted =
        """
        {"messaging_product":"whatsapp","contacts":[{"input":"+49 170 1234567","wa_id":"491701234567"}],
         "messages":[{"id":"wamid.207D4CF5FCA24CC6E306454550BDA083","message_status":"accepted"}]}
        """;

    private const string TemplateBody =
        """
        {"name":"order_shipped","language":"en_US","category":"UTILITY",
         "components":[{"type":"BODY","text":"Your order {{1}} is on its way.","example":{"body_text":[["A-17"]]}}]}
        """;

    private const string AnalyticsAnswer =
        """
        {"data":[{"granularity":"DAILY","product_type":"cloud_api","data_points":[
          {"template_id":"3000000001000001","start":1790294400,"end":1790380800,"sent":1200,"delivered":1180,"read":700,
           "clicked":[{"type":"quick_reply_button","button_content":"Tell me more","count":41}]}]}],
         "paging":{"cursors":{"before":"MA","after":"MA"}}}
        """;

    private const string WebhookBody =
        """
        {"override_callback_uri":"https://shop.example/hooks","verify_token":"a word of yours","fields":["messages","account_update"]}
        """;

    private const string Done = """{"success":true}""";

    /// <summary>What a call says of itself, by method and by the edge behind the id.</summary>
    private static readonly Dictionary<string, (string Summary, string? Body, string? Answer)> Texts = new(StringComparer.Ordinal)
    {
        ["POST messages"] = ("Send a message, mark one as read, or show that one is being written", SendBody, Accepted),
        ["POST marketing_messages"] = ("Send a marketing template", SendBody, Accepted),
        ["GET "] = ("A business, a number or a template, by its id", null, null),
        ["POST "] = ("Edit a template; it goes back to review", """{"components":[{"type":"BODY","text":"On its way."}]}""", Done),
        ["POST unpause"] = ("Say whether a template's pause is over; it ends by itself", null, Done),
        ["GET whatsapp_business_profile"] = ("The business's profile", null, null),
        ["POST whatsapp_business_profile"] = ("Change the profile", """{"messaging_product":"whatsapp","about":"Open until eight"}""", Done),
        ["GET block_users"] = ("The business's own block list", null, null),
        ["POST block_users"] = (
            "Block users who wrote within 24 hours", """{"messaging_product":"whatsapp","block_users":[{"user":"+491701234567"}]}""", null),
        ["DELETE block_users"] = ("Unblock users", """{"messaging_product":"whatsapp","block_users":[{"user":"+491701234567"}]}""", null),
        ["GET phone_numbers"] = ("The business's numbers", null, null),
        ["GET template_analytics"] = (
            "Sent, delivered, read and clicked by template and day of UTC: start and end (Unix seconds or YYYY-MM-DD), granularity=DAILY, up to ten "
            + "template_ids, metric_types", null, AnalyticsAnswer),
        ["GET message_templates"] = ("The business's templates", null, null),
        ["POST message_templates"] = (
            "Create a template; it waits for review", TemplateBody, """{"id":"3000000001000001","status":"PENDING","category":"UTILITY"}"""),
        ["GET subscribed_apps"] = ("The business's webhooks", null, null),
        ["POST subscribed_apps"] = (
            "Add a webhook, once its receiver has answered the challenge, or change the one of the same address", WebhookBody, Done),
        ["DELETE subscribed_apps"] = ("Remove the webhook of an address (override_callback_uri), or all", null, Done),
        ["DELETE message_templates"] = ("Delete a template by name, or one language of it by hsm_id", null, Done),
    };

    /// <summary>The key of <see cref="Texts"/>.</summary>
    public static string Key(string method, string template) => method + " " + Edge(template);

    /// <summary>Whether a call is described.</summary>
    public static bool Has(string method, string template) => Texts.ContainsKey(Key(method, template));

    public static void AddTo(OpenApiDocument document, IEnumerable<(string Method, string Template, AccessRule Rule)> calls)
    {
        document.Paths ??= [];
        foreach (var (method, template, rule) in calls)
        {
            var path = PathOf(template);
            if (!document.Paths.TryGetValue(path, out var item))
            {
                document.Paths.Add(path, item = new OpenApiPathItem());
            }

            if (item.Operations?.ContainsKey(HttpMethod.Parse(method)) != true)
            {
                var operation = Describe(method, template, path, document);
                ApiDescription.Guard(operation, rule, document);
                ((OpenApiPathItem)item).AddOperation(HttpMethod.Parse(method), operation);
            }
        }

        document.Tags ??= new HashSet<OpenApiTag>();
        document.Tags.Add(new OpenApiTag
        {
            Name = Tag,
            Description = "The WhatsApp Cloud API's wire format. A version such as `/v25.0` may stand before each path. Errors are its envelope with its "
                + "codes; `error_data.decision` is the ordered trace of a refused send.",
        });
    }

    private static OpenApiOperation Describe(string method, string template, string path, OpenApiDocument document)
    {
        var (summary, body, answer) = Texts.GetValueOrDefault(Key(method, template));
        var operation = new OpenApiOperation
        {
            OperationId = "Graph" + method[..1] + method[1..].ToLowerInvariant() + Name(Edge(template)),
            Summary = summary,
            Tags = new HashSet<OpenApiTagReference> { new(Tag, document) },
            Parameters = [Parameter(path.TrimStart('/').Split('/')[0].Trim('{', '}'), ParameterLocation.Path)],
            Responses = new OpenApiResponses
            {
                ["200"] = new OpenApiResponse { Description = "Done", Content = Json(answer) },
                ["400"] = new OpenApiResponse { Description = "Refused: see error.code" },
            },
        };
        if (Edge(template) is "messages" or "marketing_messages")
        {
            var key = Parameter("Idempotency-Key", ParameterLocation.Header);
            key.Description = "1 to 255 characters. The same key and body to the same recipient give the same message, once.";
            operation.Parameters.Add(key);
        }

        if (body is not null)
        {
            operation.RequestBody = new OpenApiRequestBody { Required = true, Content = Json(body) };
        }

        return operation;
    }

    private static Dictionary<string, OpenApiMediaType> Json(string? example) => new()
    {
        ["application/json"] = new OpenApiMediaType
        {
            Schema = new OpenApiSchema { Type = JsonSchemaType.Object },
            Example = example is null ? null : JsonNode.Parse(example),
        },
    };

    private static OpenApiParameter Parameter(string name, ParameterLocation place) => new()
    {
        Name = name,
        In = place,
        Required = place == ParameterLocation.Path,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    /// <summary>The three kinds of nodes share one path: a description can't tell them apart by the name of the id.</summary>
    private static string PathOf(string template) => Edge(template).Length == 0 ? "/{id}" : template;

    private static string Edge(string template) => template[(template.IndexOf('}', StringComparison.Ordinal) + 1)..].TrimStart('/');

    private static string Name(string edge) => string.Concat(edge.Split('_').Where(w => w.Length > 0).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
}
