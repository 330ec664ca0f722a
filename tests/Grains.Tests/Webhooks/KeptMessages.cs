using System.Reflection;
using System.Text;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>A store that holds messages and nothing else, and counts how often it is asked.</summary>
/// <remarks>Public, as a proxy's type must be.</remarks>
public class KeptMessages : DispatchProxy
{
    private readonly Dictionary<(long, long), StoredMessage> _rows = [];

    /// <summary>How often it was asked.</summary>
    public int Reads { get; private set; }

    /// <summary>An empty one.</summary>
    public static (ILedgerStore Store, KeptMessages Rows) New()
    {
        var store = Create<ILedgerStore, KeptMessages>();
        return (store, (KeptMessages)(object)store);
    }

    /// <summary>Keeps a message of the business of these tests.</summary>
    public KeptMessages With(
        long user,
        long number,
        string content = "",
        Direction direction = Direction.FromUser,
        string? callbackData = null,
        ReadOnlyMemory<byte> explanation = default,
        long business = Told.Business)
    {
        _rows[(user, number)] = new StoredMessage
        {
            Number = number,
            Direction = direction,
            Business = business,
            PhoneNumber = Ids.PhoneNumber(business, 1),
            Template = 0,
            Category = Category.Service,
            At = default,
            Status = MessageStatus.Accepted,
            Content = Encoding.UTF8.GetBytes(content),
            CallbackData = callbackData,
            Explanation = explanation,
        };
        return this;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var asked = (IReadOnlyList<(long, long)>)args![0]!;
        Reads++;
        Assert.Equal(asked.Distinct().Count(), asked.Count);
        return Task.FromResult<IReadOnlyList<(long User, StoredMessage Message)>>(
            [.. asked.Where(_rows.ContainsKey).Select(pair => (pair.Item1, _rows[pair]))]);
    }
}
