using Actors.Api.Enrolments;
using Actors.Api.Tests.Inbox;
using Actors.Ledger;
using Actors.Policy;
using Actors.Silo;
using Actors.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Api.Tests.Stored;

/// <summary>A node with a database of its own, whose clock can be set on, and whose codes go nowhere.</summary>
public abstract class FullNode : SetClockNode, IEnrolmentChannel
{
    protected override string[] Arguments => ["--Webhooks:AllowHttp", "true", "--Webhooks:AllowPrivate", "true"];

    public Task SendAsync(long user, string code, Instant expiresAt, CancellationToken cancellationToken) => Task.CompletedTask;

    protected override void Configure(IServiceCollection services)
    {
        base.Configure(services);
        services.AddSingleton<IEnrolmentChannel>(this);
    }
}

public sealed class SqliteFullNode : FullNode
{
    protected override ILedgerStore Store(IServiceProvider provider) =>
        ActivatorUtilities.CreateInstance<SqliteLedgerStore>(provider, provider.GetRequiredService<NodeSettings>().DataDirectory);
}

public sealed class PostgresFullNode : FullNode
{
    private readonly TestPostgres _postgres = new();
    private readonly string _key = Guid.NewGuid().ToString("N");

    protected override string[] Arguments =>
        [.. base.Arguments, "--Storage:Provider", "postgres", "--ConnectionStrings:Actors", _postgres.ConnectionString, "--Auth:SigningKey", _key];

    protected override ILedgerStore Store(IServiceProvider provider) =>
        new PostgresLedgerStore(_postgres.ConnectionString, TimeProvider.System, NullLogger.Instance);

    public override async ValueTask InitializeAsync()
    {
        await _postgres.InitializeAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _postgres.DisposeAsync();
    }
}
