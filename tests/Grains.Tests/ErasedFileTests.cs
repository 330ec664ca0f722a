using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Grains.Tests;

/// <summary>What SQLite's files hold of somebody erased: not only the rows, the bytes.</summary>
public sealed class ErasedFileTests(Running<SqliteDatabase> running) : IClassFixture<Running<SqliteDatabase>>
{
    [Fact]
    public async Task Nothing_of_somebody_erased_is_left_in_any_file_also_not_of_block_lists()
    {
        var business = Given.NewBusiness();
        var user = await Given.OptedInAsync(running.Node, business);
        var list = running.Node.Grains.GetGrain<IBlockListGrain>(business);
        await running.Node.User(user).WriteAsync(Given.Says(business, "hello"));
        Assert.Null((await running.Node.User(user).SetBusinessBlockAsync(business, true)).Refusal);
        await list.NoteAsync([.. Enumerable.Range(0, 2_000).Select(other => 4_900_000_100_000 + other), user], true);
        Assert.True(IsInFiles(user));
        await running.Node.User(user).EraseAsync();
        await new ErasureSweep(
            running.Node.Ledger,
            (_, erased) => list.NoteAsync([erased], blocked: false),
            running.Node.Services.GetRequiredService<GrainSchema>(),
            NullLogger.Instance)
            .OnceAsync(running.Node.Ledger.Clock.Now + TimeSpan.FromDays(8), TestContext.Current.CancellationToken);
        Assert.Equal(2_000, await list.CountAsync());
        Assert.False(IsInFiles(user));
    }

    private bool IsInFiles(long user)
    {
        var digits = System.Text.Encoding.ASCII.GetBytes($"{user}");
        foreach (var path in Directory.EnumerateFiles(running.Database.Settings.Directory!, "*.db*"))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var all = new MemoryStream();
            file.CopyTo(all);
            if (all.ToArray().AsSpan().IndexOf(digits) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
