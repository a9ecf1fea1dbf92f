// The only header that includes Boost.Asio.
#pragma once

#include <utility>  // before Asio: awaitable.hpp of Boost 1.74 needs it

#define BOOST_ASIO_NO_DEPRECATED
#if defined(__clang__) && __clang_major__ < 15
#define BOOST_ASIO_HAS_CO_AWAIT 1
#define BOOST_ASIO_HAS_STD_COROUTINE 1
#endif

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#include <boost/asio.hpp>
#pragma GCC diagnostic pop

namespace zkprobe::net {
namespace asio = boost::asio;
using boost::system::error_code;
}  // namespace zkprobe::net
