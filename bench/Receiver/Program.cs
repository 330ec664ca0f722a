// A fast receiver of webhooks: takes everything, and checks what the platform promises of it. /hooks/{business} takes deliveries, /counts says what came.
// --secret: the signature of each delivery is checked under it. --order false: statuses are counted, but not held against each other, which takes memory.
using System.Text.Json;
using Actors.Bench.Receiver;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 16 * 1024 * 1024);
builder.Services.ConfigureHttpJsonOptions(json =>
{
    json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
    json.SerializerOptions.TypeInfoResolverChain.Insert(0, ReceiverJson.Default);
});
var app = builder.Build();
var hooks = new Hooks(app.Configuration["secret"], app.Configuration["order"] != "false");

app.MapGet("/health/ready", () => TypedResults.Ok());
app.MapGet("/counts", () => TypedResults.Ok(hooks.Counts()));
app.MapGet("/hooks/{business:long}", (HttpRequest request, long business) => TypedResults.Text(request.Query["hub.challenge"].ToString()));
app.MapPost("/hooks/{business:long}", (RequestDelegate)hooks.TakeAsync);
app.Run();
