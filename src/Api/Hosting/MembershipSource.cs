using Npgsql;

namespace Actors.Api.Hosting;

/// <summary>The few connections by which a member reads and changes who is in the cluster.</summary>
public sealed class MembershipSource : IAsyncDisposable
{
    /// <param name="connectionString">Of the cluster's database.</param>
    public MembershipSource(string connectionString) => Source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
    {
        ApplicationName = "actors-membership",
        MaxPoolSize = 2,

        // Who can't write that it is alive is soon dead to the others: better an error now, and another try.
        Timeout = 5,
        CommandTimeout = 5,
    });

    /// <summary>The connections.</summary>
    public NpgsqlDataSource Source { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
