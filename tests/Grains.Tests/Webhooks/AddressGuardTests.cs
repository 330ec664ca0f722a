using System.Net;
using Actors.Grains.Webhooks;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>Which addresses webhooks may lead to: each class of them, and its neighbours on both sides.</summary>
public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.1")]
    [InlineData("168.63.129.15")]
    [InlineData("168.63.129.17")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700::1111")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("2003::1")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::1.1.1.1")]
    public void What_is_on_the_internet_may_be_called(string address) => Assert.True(AddressGuard.Allows(IPAddress.Parse(address), allowPrivate: false));

    [Theory]
    [InlineData("10.0.0.0")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.0")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.255")]
    [InlineData("172.16.0.0")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.0")]
    [InlineData("192.168.255.255")]
    [InlineData("198.18.0.0")]
    [InlineData("198.19.255.255")]
    [InlineData("::1")]
    [InlineData("100.100.100.199")]
    [InlineData("100.100.100.201")]
    [InlineData("fd00:ec2::253")]
    [InlineData("fc00::1")]
    [InlineData("fdff:ffff::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("64:ff9b::192.168.1.1")]
    public void What_is_private_may_be_called_only_where_it_is_allowed(string address)
    {
        Assert.False(AddressGuard.Allows(IPAddress.Parse(address), allowPrivate: false));
        Assert.True(AddressGuard.Allows(IPAddress.Parse(address), allowPrivate: true));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("169.254.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fd20:ce::254")]
    [InlineData("64:ff9b::168.63.129.16")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.255")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1.2.3.4")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("2001::1")]
    [InlineData("2001:2::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:a00:1::1")]
    [InlineData("3fff::1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("4000::1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("::ffff:0.0.0.0")]
    public void What_is_special_is_never_called(string address)
    {
        Assert.False(AddressGuard.Allows(IPAddress.Parse(address), allowPrivate: false));
        Assert.False(AddressGuard.Allows(IPAddress.Parse(address), allowPrivate: true));
    }

    [Theory]
    [InlineData(443, true)]
    [InlineData(80, true)]
    [InlineData(22, false)]
    [InlineData(1_023, false)]
    [InlineData(1_024, true)]
    [InlineData(65_535, true)]
    public void Only_the_webs_ports_and_free_ones(int port, bool isAllowed) => Assert.Equal(isAllowed, AddressGuard.Allows(port));

    [Theory]
    [InlineData("https://shop.example/hooks?a=b", null)]
    [InlineData("https://shop.example:8443", null)]
    [InlineData("https://1.1.1.1/", null)]
    [InlineData("http://shop.example/", "https")]
    [InlineData("ftp://shop.example/", "https")]
    [InlineData("shop.example", "absolute")]
    [InlineData("/hooks", "absolute")]
    [InlineData("https://ann:secret@shop.example/", "user")]
    [InlineData("https://shop.example/#part", "fragment")]
    [InlineData("https://shop.example:22/", "port")]
    [InlineData("https://127.0.0.1/", "private")]
    [InlineData("https://2130706433/", "private")]
    [InlineData("https://0x7f.1/", "private")]
    [InlineData("https://[::1]/", "private")]
    [InlineData("https://[::ffff:10.1.2.3]/", "private")]
    public void An_address_is_looked_at_before_its_name_is_looked_up(string address, string? wrong)
    {
        var said = CallbackAddress.WhatIsWrong(address, new WebhookSettings());
        Assert.True(wrong is null ? said is null : said?.Contains(wrong, StringComparison.Ordinal) == true, said);
    }

    [Fact]
    public void An_address_has_at_most_200_characters()
    {
        var longest = "https://shop.example/".PadRight(200, 'a');
        Assert.Null(CallbackAddress.WhatIsWrong(longest, new WebhookSettings()));
        Assert.NotNull(CallbackAddress.WhatIsWrong(longest + "a", new WebhookSettings()));
    }

    [Theory]
    [InlineData("https://a.example/x", "https://a.example/x?hub.mode=subscribe&hub.challenge=7&hub.verify_token=a%26b")]
    [InlineData("https://a.example/x?", "https://a.example/x?hub.mode=subscribe&hub.challenge=7&hub.verify_token=a%26b")]
    [InlineData("https://a.example/x?y=z", "https://a.example/x?y=z&hub.mode=subscribe&hub.challenge=7&hub.verify_token=a%26b")]
    public void The_challenge_joins_what_the_address_has(string address, string whole) =>
        Assert.Equal(whole, CallbackAddress.WithChallenge(address, "7", "a&b").AbsoluteUri);
}
